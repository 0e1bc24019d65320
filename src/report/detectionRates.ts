import { GadoliniteError } from "../core/errors.js";
import { meanOf } from "./sampleStatistics.js";

/** What one reader found in one case under one arm. */
export interface DetectionReading {
  readonly reader: string;
  /** What was read, e.g. `"T1c"` or `"T1c-pro"`. */
  readonly arm: string;
  readonly case: string;
  /** The case's reference lesions, in the same order in every reading. */
  readonly lesions: readonly { readonly sizeMm: number; readonly found: boolean }[];
  /** Sizes of the marks that belong to no reference lesion. */
  readonly falsePositivesMm: readonly number[];
}

/** One reader, or the mean of all, under one arm at one size. */
export interface Rates {
  readonly found: number;
  readonly lesions: number;
  readonly falsePositives: readonly number[];
  readonly foundEach: readonly boolean[];
  readonly sensitivity: number;
  readonly falseDetections: number;
  readonly precision: number;
  readonly f1: number;
}

/** Readings by reader, arm and case. */
export function arrangeReadings(
  readings: readonly DetectionReading[],
  readers: readonly string[],
  arms: readonly string[],
  cases: readonly string[],
): readonly (readonly (readonly DetectionReading[])[])[] {
  const key = (reader: string, arm: string, name: string) => JSON.stringify([reader, arm, name]);
  const known = new Map<string, DetectionReading>();
  for (const r of readings) {
    const at = key(r.reader, r.arm, r.case);
    if (known.has(at)) throw new GadoliniteError("out-of-range", `Case "${r.case}" is read twice by ${r.reader} under ${r.arm}.`);
    known.set(at, r);
  }
  const sizes = (r: DetectionReading) => r.lesions.map(({ sizeMm }) => sizeMm).join(" ");
  return readers.map((reader) =>
    arms.map((arm) =>
      cases.map((name) => {
        const reading = known.get(key(reader, arm, name));
        if (!reading) throw new GadoliniteError("out-of-range", `Case "${name}" was not read by ${reader} under ${arm}.`);
        const first = known.get(key(readers[0]!, arms[0]!, name));
        if (first && sizes(first) !== sizes(reading))
          throw new GadoliniteError(
            "out-of-range",
            `The reference lesions of case "${name}" are not the same in every reading: ${sizes(first)} mm and ${sizes(reading)} mm.`,
          );
        return reading;
      }),
    ),
  );
}

export function ratesOf(readings: readonly DetectionReading[], minSizeMm: number): Rates {
  const foundEach = readings.flatMap((r) => r.lesions.filter((l) => l.sizeMm >= minSizeMm).map((l) => l.found));
  const falsePositives = readings.map((r) => r.falsePositivesMm.filter((size) => size >= minSizeMm).length);
  const found = foundEach.filter(Boolean).length;
  const wrong = falsePositives.reduce((sum, n) => sum + n, 0);
  const lesions = foundEach.length;
  return {
    found,
    lesions,
    falsePositives,
    foundEach,
    sensitivity: found / lesions,
    falseDetections: wrong / readings.length,
    precision: found / (found + wrong),
    f1: (2 * found) / (2 * found + wrong + lesions - found),
  };
}

/** The readers' mean: rates are averaged, counts too. */
export function averageOf(rates: readonly Rates[]): Rates {
  const mean = (pick: (r: Rates) => number) => meanOf(rates.map(pick));
  return {
    found: mean((r) => r.found),
    lesions: rates[0]!.lesions,
    falsePositives: rates[0]!.falsePositives.map((_, n) => mean((r) => r.falsePositives[n]!)),
    foundEach: [],
    sensitivity: mean((r) => r.sensitivity),
    falseDetections: mean((r) => r.falseDetections),
    precision: mean((r) => r.precision),
    f1: mean((r) => r.f1),
  };
}
