import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { GadoliniteError } from "../core/errors.js";
import type { Acquisition } from "../core/study.js";
import { sequenceNamed } from "../io/dicom/facts.js";
import { readFileBytes, reasonOf } from "./readFileBytes.js";

/** A file's name by the rules of BIDS: `sub-01_ce-gadolinium_T1w.nii.gz` has the entities sub and ce, and the suffix T1w. */
export interface BidsName {
  readonly entities: Readonly<Record<string, string>>;
  readonly suffix: string;
  readonly extension: string;
}

/** The parts of a BIDS name; undefined if it is none. */
export function bidsName(name: string): BidsName | undefined {
  const match = /^((?:[A-Za-z0-9]+-[A-Za-z0-9+]+_)*)([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)$/.exec(name);
  if (!match) return undefined;
  const [, entities = "", suffix = "", extension = ""] = match;
  const pairs = entities.split("_").filter(Boolean);
  return { entities: Object.fromEntries(pairs.map((pair) => pair.split("-"))), suffix, extension };
}

/** The folder of anatomical scans of a subject or session of BIDS; undefined if a folder is none of those. */
export async function bidsFolder(path: string): Promise<string | undefined> {
  const folder = resolve(path);
  if (basename(folder) === "anat") return folder;
  if (!/^(sub|ses)-/.test(basename(folder))) return undefined;
  if (existsSync(join(folder, "anat"))) return join(folder, "anat");
  const sessions = (await readdir(folder)).filter((name) => /^ses-/.test(name)).sort();
  if (sessions.length === 1) return join(folder, sessions[0]!, "anat");
  if (sessions.length === 0) return undefined;
  throw new GadoliniteError(
    "bad-file",
    `${path} holds ${sessions.length} sessions: ${sessions.join(", ")}. Give the folder of one.`,
  );
}

/** The subject and session to which a folder of BIDS belongs, as they are called: `sub-01`, `ses-02`. */
export function bidsSubject(path: string): { readonly patient: string; readonly session: string | undefined } {
  const folders = resolve(path).split(sep);
  const named = (entity: string) => folders.findLast((name) => name.startsWith(`${entity}-`));
  return { patient: named("sub") ?? basename(resolve(path)), session: named("ses") };
}

/** The root of the dataset in which a file lies: the nearest folder with a dataset_description.json, else the one above `sub-`. */
export function bidsRoot(path: string): string {
  const folders = ancestors(resolve(path));
  const described = folders.find((folder) => existsSync(join(folder, "dataset_description.json")));
  const subject = folders.find((folder) => /^sub-/.test(basename(folder)));
  return described ?? (subject ? dirname(subject) : dirname(resolve(path)));
}

function ancestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}

/** How a file is called within its dataset, with slashes. */
export const bidsPath = (root: string, path: string): string => relative(root, resolve(path)).split(sep).join("/");

/**
 * What the JSON files beside and above a scan say of it: a file further down says it better. Of several in one folder that fit, the one
 * that shares most entities with the scan counts: that of `sub-01_T1w` does not speak for `sub-01_ce-gadolinium_T1w`, if that has its own.
 *
 * @see BIDS specification, "The Inheritance Principle", https://bids-specification.readthedocs.io
 */
export async function bidsSidecar(path: string): Promise<Readonly<Record<string, unknown>>> {
  const scan = bidsName(basename(path));
  if (!scan) return {};
  const root = bidsRoot(path);
  const folders = ancestors(resolve(path)).filter((folder) => folder === root || folder.startsWith(root + sep));
  const sidecar: Record<string, unknown> = {};
  for (const folder of folders.reverse()) {
    const fitting = (await readdir(folder)).filter((name) => holdsFor(name, scan));
    const nearest = fitting.sort((a, b) => b.length - a.length)[0];
    if (nearest !== undefined) Object.assign(sidecar, await readJson(join(folder, nearest)));
  }
  return sidecar;
}

function holdsFor(name: string, scan: BidsName): boolean {
  const json = bidsName(name);
  if (json?.extension !== ".json" || json.suffix !== scan.suffix) return false;
  return Object.entries(json.entities).every(([key, value]) => scan.entities[key] === value);
}

/** A JSON object in a file. Throws `bad-file`, naming it, if it holds none. */
export async function readJson(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = new TextDecoder().decode(await readFileBytes(path));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new GadoliniteError("bad-file", `${path} is no JSON: ${reasonOf(cause)}.`, { cause });
  }
  throw new GadoliniteError("bad-file", `${path} holds no JSON object.`);
}

/** How a scan was acquired, from a sidecar, whose times are seconds. */
export function acquisitionOfSidecar(sidecar: Readonly<Record<string, unknown>>): Acquisition {
  const positive = (key: string) => {
    const value = sidecar[key];
    return typeof value === "number" && value > 0 && value < Infinity ? value : undefined;
  };
  const ms = (seconds: number | undefined) => (seconds === undefined ? undefined : Number((seconds * 1000).toPrecision(12)));
  const words = (key: string) => [sidecar[key] ?? []].flat().flatMap((word) => String(word).split(/[\\_,\s]+/));
  const facts = {
    fieldStrengthT: positive("MagneticFieldStrength"),
    sequence: sequenceNamed(words("ScanningSequence"), words("SequenceVariant")),
    repetitionTimeMs: ms(positive("RepetitionTimeExcitation") ?? positive("RepetitionTime")),
    echoTimeMs: ms(positive("EchoTime")),
    flipAngleDeg: positive("FlipAngle"),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
