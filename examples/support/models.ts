import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { GadoliniteError, isGadoliniteError } from "gadolinite";
import { cpu, type Session } from "gadolinite/backend";
import { classicalRestorers, evidenceBounded, networkRestorer, type Restorer, sureRefined } from "gadolinite/inference";
import { createModel, type Model, type ModelCard } from "gadolinite/model";
import { contrastSmall } from "gadolinite/models/contrast-small";
import type { FileRecord } from "gadolinite/report";
import { recordBytes } from "./records.js";

/** Stands for the model that comes with the package, where others are files. */
export const BUNDLED = "contrast-small";
const NOISE_FACTOR = 1.15;

/** What `--model` asks for: files, `none`, or, where nothing is said, the model of the package if this machine can run it. */
export async function chosenModels(
  given: readonly string[] | undefined,
  say: (line: string) => void,
): Promise<readonly string[]> {
  if (given) return given.filter((name) => name !== "none");
  try {
    await (await cpu().load(await contrastSmall())).dispose();
    return [BUNDLED];
  } catch (error) {
    if (!isGadoliniteError(error, "no-backend")) throw error;
    say(`Without a network, by classical restorers alone: ${error.message}`);
    return [];
  }
}

export interface LoadNetworksOptions {
  readonly signal?: AbortSignal;
  /** Threads of the runtime. Default: its own choice. */
  readonly threads?: number;
}

/** The fast classical restorers, and a network for each model. */
export async function loadRestorers(models: readonly string[], options: LoadNetworksOptions = {}): Promise<readonly Restorer[]> {
  return [...classicalRestorers(), ...(await loadNetworks(models, options))];
}

/** A restorer for each model. */
export async function loadNetworks(
  models: readonly string[],
  { signal, threads }: LoadNetworksOptions = {},
): Promise<readonly Restorer[]> {
  const backend = cpu(threads === undefined ? {} : { threads });
  const networks: Restorer[] = [];
  for (const name of models) {
    const { bytes, card } = await loadModel(name);
    if (!card)
      throw new GadoliniteError(
        "not-prepared",
        `${name} carries no model card, so nobody knows what its inputs mean. Give it one with withCard.`,
      );
    networks.push(restorerOf(await backend.load({ bytes, card }, signal ? { signal } : {}), card));
  }
  return networks;
}

/** A network that takes the noise away is told of a little more than there is, fitted to the scan, and held to the scan's evidence: see docs/guides/contrast-small.md. */
const restorerOf = (session: Session, card: ModelCard): Restorer =>
  card.output.meaning === "noise"
    ? evidenceBounded(sureRefined(networkRestorer(session, card, { noiseFactor: NOISE_FACTOR })))
    : networkRestorer(session, card);

/** What a report notes of a model. */
export async function recordModel(name: string): Promise<FileRecord> {
  const { bytes } = await loadModel(name);
  return recordBytes(name === BUNDLED ? `${BUNDLED}.onnx` : basename(name), bytes);
}

async function loadModel(name: string): Promise<Model> {
  if (name === BUNDLED) return contrastSmall();
  try {
    return createModel(await readFile(name));
  } catch (cause) {
    if (isGadoliniteError(cause)) throw cause;
    throw new GadoliniteError("bad-file", `The model ${name} can't be read: ${(cause as Error).message}.`, { cause });
  }
}
