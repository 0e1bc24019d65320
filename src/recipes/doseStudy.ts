import type { TaskOptions } from "../core/progress.js";
import type { Volume } from "../core/volume.js";
import { subtract } from "../enhancement/subtract.js";
import { synthesize } from "../enhancement/synthesize.js";
import { classicalRestorers, maskedExtrapolation, type Restorer } from "../inference/restorer.js";
import { breathe } from "../internal/breathe.js";
import { checkFraction, checkOneOf } from "../internal/check.js";
import { type DoseNoise, simulatedLowDose } from "./lowDoses.js";
import { type RestorationMeasures, restorationMeter } from "./measureRestoration.js";
import type { PreparedStudy } from "./prepareStudy.js";

export interface DoseStudyOptions extends TaskOptions {
  /** Simulated doses as fractions of the standard dose, 0 to 1. Default {@link DEFAULT_DOSES}. */
  readonly doses?: readonly number[];
  /** Default `"matched"`: σ is the robust high-pass estimate, since misfit and blood make negative values too. */
  readonly noise?: DoseNoise;
  /** Seed of the noise. */
  readonly seed: number;
  /** Default {@link classicalRestorers}. */
  readonly restorers?: readonly Restorer[];
}

/** One row of the table: a dose, a restorer, a region. */
export interface DoseRow extends RestorationMeasures {
  readonly case: string;
  readonly dose: number;
  readonly noise: DoseNoise;
  readonly seed: number;
  /** Name of the restorer; `"beyond"` for the low-dose scan plus the standard dose's signal. */
  readonly restorer: string;
  /** Time of the restoration. */
  readonly seconds: number;
}

export interface SimulatedDose {
  readonly dose: number;
  readonly low: Volume;
  /** By the restorer's name; `beyond` is the synthesis beyond the standard dose. */
  readonly restored: Readonly<Record<string, Volume>>;
  readonly rows: readonly DoseRow[];
}

/** 0, 0.1 … 0.9, and the standard dose itself. */
export const DEFAULT_DOSES: readonly number[] = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/**
 * Simulates low doses of a prepared study, restores each with every restorer, and measures all against the standard dose.
 *
 * One dose at a time is made, measured and handed over, so memory holds the volumes of one dose. Dose 0 is the pre-contrast scan
 * itself, and nothing can restore it; dose 1 is the standard dose itself, without noise of ours, and needs no restoring. Beyond the standard
 * dose, x̂_SD+ = low + ŷ with ŷ from the masked extrapolation.
 *
 * @throws `out-of-range` for a dose outside 0 … 1 or a bad seed, `aborted` when cancelled, and what a restorer throws
 * @see Chen et al. 2025 (doses), Pinetz et al. 2024 (signal and measures), Bône et al. 2022 (beyond the standard dose)
 * @example
 * for await (const { dose, rows } of doseStudy(prepareStudy(study), { doses: [0.1, 0.33], seed: 1 })) console.log(dose, rows);
 */
export async function* doseStudy(
  study: PreparedStudy,
  { doses = DEFAULT_DOSES, noise = "matched", seed, restorers = classicalRestorers(), signal, onProgress }: DoseStudyOptions,
): AsyncGenerator<SimulatedDose> {
  checkOneOf("noise", noise, ["matched", "none"]);
  for (const dose of doses) checkFraction("dose", dose);
  const levels = [...new Set(doses)].sort((a, b) => a - b);
  const { pre, brain } = study;
  const beyond = maskedExtrapolation();
  const total = levels.reduce((sum, dose) => sum + (dose === 0 ? 1 : dose === 1 ? 2 : restorers.length + 1), 0);
  let done = 0;
  const measure = restorationMeter(study);

  for (const dose of levels) {
    const low = simulatedLowDose(study, dose, { noise, seed });
    const restored: Record<string, Volume> = {};
    const rows: DoseRow[] = [];
    const add = async (restorer: string, restore: () => Volume | Promise<Volume>) => {
      onProgress?.({ done, total, stage: `dose ${dose}, ${restorer}` });
      await breathe(signal);
      const start = performance.now();
      const volume = await restore();
      const seconds = (performance.now() - start) / 1000;
      restored[restorer] = volume;
      rows.push(...measure(volume).map((measures) => ({ case: study.id, dose, noise, seed, restorer, ...measures, seconds })));
      done++;
    };
    if (dose === 0 || dose === 1) await add("none", () => low);
    else
      for (const restorer of restorers)
        await add(restorer.name, async () => synthesize(pre, await restorer.signal({ pre, low, dose, brain }, { signal })));
    if (dose > 0) {
      // The masked extrapolation, if it is among the restorers, has found that signal already.
      const masked = restored[beyond.name];
      await add("beyond", async () =>
        synthesize(low, masked ? subtract(pre, masked) : await beyond.signal({ pre, low, dose, brain })),
      );
    }
    yield { dose, low, restored, rows };
  }
  onProgress?.({ done, total, stage: "done" });
}
