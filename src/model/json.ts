import { GadoliniteError } from "../core/errors.js";

/** Reads a value of unknown JSON as a T, or throws `bad-model` with the path of the field. */
export type Reader<T> = (value: unknown, path: string) => T;

function refuse(path: string, expected: string, value: unknown): never {
  const got = value === undefined ? "nothing" : (JSON.stringify(value)?.slice(0, 80) ?? String(value));
  throw new GadoliniteError("bad-model", `Model card: ${path} must be ${expected}, but is ${got}.`);
}

export const text: Reader<string> = (value, path) =>
  typeof value === "string" && value.trim() !== "" ? value : refuse(path, "a text that is not empty", value);

export const matching =
  (pattern: RegExp, expected: string): Reader<string> =>
  (value, path) =>
    typeof value === "string" && pattern.test(value) ? value : refuse(path, expected, value);

export const number =
  (low = -Infinity, high = Infinity, expected = "a finite number"): Reader<number> =>
  (value, path) =>
    typeof value === "number" && Number.isFinite(value) && value >= low && value <= high ? value : refuse(path, expected, value);

export const integer =
  (low: number): Reader<number> =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= low
      ? (value as number)
      : refuse(path, `an integer of ${low} or more`, value);

export const oneOf =
  <T extends string | number>(...choices: readonly T[]): Reader<T> =>
  (value, path) =>
    choices.includes(value as T)
      ? (value as T)
      : refuse(path, `one of ${choices.map((c) => JSON.stringify(c)).join(", ")}`, value);

/** A list of at least `least` and at most `most` entries. */
export const list =
  <T>(entry: Reader<T>, least = 0, most = 4096): Reader<readonly T[]> =>
  (value, path) =>
    Array.isArray(value) && value.length >= least && value.length <= most
      ? value.map((v, i) => entry(v, `${path}[${i}]`))
      : refuse(path, least === most ? `a list of ${least}` : `a list of ${least} or more`, value);

/** An object with any keys. */
export const record =
  <T>(entry: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  (value, path) =>
    Object.fromEntries(Object.entries(plain(value, path)).map(([key, v]) => [key, entry(v, `${path}.${key}`)]));

/** Marks a field that may be left out. */
export const optional =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value, path) =>
    value === undefined ? undefined : reader(value, path);

/** A field that has a default. */
export const defaulted =
  <T>(reader: Reader<T>, fallback: T): Reader<T> =>
  (value, path) =>
    value === undefined ? fallback : reader(value, path);

/** An object with these fields and no other. */
export const object =
  <T>(fields: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<T> =>
  (value, path) => {
    const source = plain(value, path);
    const known = Object.keys(fields);
    const strange = Object.keys(source).find((key) => !known.includes(key));
    if (strange !== undefined)
      throw new GadoliniteError(
        "bad-model",
        `Model card: ${path} has no field "${strange}"; its fields are ${known.join(", ")}.`,
      );
    const entries = known.map((key): [string, unknown] => [
      key,
      fields[key as keyof T](Object.hasOwn(source, key) ? source[key] : undefined, `${path}.${key}`),
    ]);
    return Object.fromEntries(entries.filter(([, v]) => v !== undefined)) as T;
  };

function plain(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(path, "an object", value);
  return value as Record<string, unknown>;
}
