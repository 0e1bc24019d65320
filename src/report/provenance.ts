import { GadoliniteError } from "../core/errors.js";
import { version } from "../internal/version.js";

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A file that went in or came out. */
export interface FileRecord {
  /** What it is called; leave out folders that name a patient. */
  readonly name: string;
  /** 64 hexadecimal digits, see {@link sha256}. */
  readonly sha256: string;
  readonly byteLength?: number;
}

export interface ProvenanceOptions {
  /** What was done: the recipe's or the function's name. */
  readonly task: string;
  /** When, in ISO 8601, e.g. `new Date().toISOString()`. Left out unless given: no clock is read here. */
  readonly date?: string;
  /** Facts of the platform: runtime, operating system, device, execution provider. */
  readonly platform?: Readonly<Record<string, unknown>>;
  /** The options with which the task ran. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The seed of all random numbers. */
  readonly seed?: number;
  readonly inputs?: readonly FileRecord[];
  readonly outputs?: readonly FileRecord[];
  /** What calibration found: gains, offsets, scales, noise levels. */
  readonly calibration?: Readonly<Record<string, unknown>>;
  /** Anything else, e.g. the model card. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** How a result came about, as plain JSON. Fields that weren't given are absent. */
export interface Provenance {
  readonly library: { readonly name: "gadolinite"; readonly version: string };
  readonly task: string;
  readonly date?: string;
  readonly platform?: Json;
  readonly options?: Json;
  readonly seed?: number;
  readonly inputs?: readonly FileRecord[];
  readonly outputs?: readonly FileRecord[];
  readonly calibration?: Json;
  readonly details?: Json;
}

/**
 * Collects how a result came about into a plain object that JSON keeps whole: the library's version, the platform, options,
 * seed, calibration, and the files that went in and came out by their SHA-256.
 *
 * Typed arrays of up to 64 numbers (an affine) become lists; longer ones, such as voxels, become their type and length.
 * NaN and the infinities become the strings `"NaN"`, `"Infinity"`, `"-Infinity"`, dates ISO 8601, `undefined` and functions
 * are left out. The same arguments give the same text.
 *
 * @throws `out-of-range` if the date isn't ISO 8601, a digest isn't SHA-256, the seed isn't an integer of 0 to 2⁵³ − 1, or
 *   an object contains itself
 * @example
 * const record = provenance({
 *   task: "simulateDose",
 *   options: { dose: 0.1 },
 *   inputs: [{ name: "t1.nii.gz", sha256: await sha256(bytes) }],
 *   date: new Date().toISOString(),
 * });
 */
export function provenance(options: ProvenanceOptions): Provenance {
  const { task, date, seed, inputs, outputs } = options;
  if (date !== undefined && !(ISO_DATE.test(date) && Number.isFinite(Date.parse(date))))
    throw new GadoliniteError("out-of-range", `date must be ISO 8601, e.g. 2025-12-02T09:30:00Z, but is "${date}".`);
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0))
    throw new GadoliniteError("out-of-range", `seed must be an integer from 0 to 2^53 - 1, but is ${seed}.`);
  const record = {
    library: { name: "gadolinite", version } as const,
    task,
    date,
    platform: toJson(options.platform),
    options: toJson(options.options),
    seed,
    inputs: inputs?.map(fileRecord),
    outputs: outputs?.map(fileRecord),
    calibration: toJson(options.calibration),
    details: toJson(options.details),
  };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as unknown as Provenance;
}

const ISO_DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

function fileRecord({ name, sha256, byteLength }: FileRecord): FileRecord {
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new GadoliniteError("out-of-range", `The SHA-256 of ${name} must be 64 hexadecimal digits, but is "${sha256}".`);
  return byteLength === undefined ? { name, sha256 } : { name, sha256, byteLength };
}

const LONGEST_ARRAY = 64;

function toJson(value: unknown, around: readonly object[] = []): Json | undefined {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : String(value); // −0 is 0 in JSON
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object") return undefined;
  if (value instanceof Date) return Number.isFinite(value.getTime()) ? value.toISOString() : "Invalid Date";
  if (around.includes(value)) throw new GadoliniteError("out-of-range", "Provenance can't hold an object that contains itself.");
  const inside = [...around, value];
  if (ArrayBuffer.isView(value) && "length" in value) {
    const array = value as unknown as ArrayLike<number> & object;
    return array.length > LONGEST_ARRAY
      ? { type: array.constructor.name, length: array.length }
      : Array.from(array, (v) => toJson(v, inside) ?? null);
  }
  if (Array.isArray(value)) return value.map((v) => toJson(v, inside) ?? null);
  if (value instanceof Map || value instanceof Set) return toJson([...value], around);
  const entries = Object.entries(value).map(([key, v]) => [key, toJson(v, inside)] as const);
  return Object.fromEntries(entries.filter(([, v]) => v !== undefined)) as { [key: string]: Json };
}
