import type { Volume } from "../core/volume.js";
import { simulateDose } from "../dose/simulateDose.js";
import { simulateNoisyDose } from "../dose/simulateNoisyDose.js";
import { checkOneOf, checkWithin } from "../internal/check.js";
import type { DosedScan, PreparedStudy } from "./prepareStudy.js";

/** Noise of the simulated scans: `"matched"` gives the subtraction image the pair's own noise at every dose, `"none"` adds none. */
export type DoseNoise = "matched" | "none";

export interface LowDosesOptions {
  /** Fractions of the standard dose, above 0 and up to 1. */
  readonly doses: readonly number[];
  /** Default `"matched"`: σ is the robust high-pass estimate, since misfit and blood make negative values too. */
  readonly noise?: DoseNoise;
  /** Seed of the noise. */
  readonly seed: number;
}

export interface LowDose extends DosedScan {
  /** Whether less agent was really given; else the scan is a linear mix with noise. */
  readonly real: boolean;
}

/**
 * The scans of a study at these doses: the real one where there is one, else a simulated one.
 *
 * @throws `out-of-range` for a dose outside 0 … 1 or 0 itself, or a bad seed
 * @see Pinetz et al. 2024, section 4.1 (real low doses; synthetic ones where there are none)
 * @example
 * const [tenth, third] = lowDoses(prepareStudy(study), { doses: [0.1, 0.33], seed: 1 });
 */
export function lowDoses(study: PreparedStudy, { doses, noise = "matched", seed }: LowDosesOptions): readonly LowDose[] {
  checkOneOf("noise", noise, ["matched", "none"]);
  return doses.map((dose) => {
    checkWithin("dose", dose, Number.MIN_VALUE, 1);
    const own = study.lows.find((low) => Math.abs(low.dose - dose) < SAME_DOSE);
    return own
      ? { dose, volume: own.volume, real: true }
      : { dose, volume: simulatedLowDose(study, dose, { noise, seed }), real: false };
  });
}

/** Doses are written with two or three digits. */
const SAME_DOSE = 5e-4;

/** A linear mix of a study's scans; dose 0 is the pre-contrast scan itself, dose 1 has no noise of ours. */
export function simulatedLowDose(
  { pre, post, content, noise: levels }: PreparedStudy,
  dose: number,
  { noise, seed }: Required<Pick<LowDosesOptions, "noise" | "seed">>,
): Volume {
  if (dose === 0) return pre;
  if (noise === "none" || dose === 1) return simulateDose(pre, post, { dose });
  const sigma = levels["highpass-mad"];
  return simulateNoisyDose(pre, post, {
    dose,
    noise: { sigma, matching: "subtraction", distribution: "gaussian" },
    seed,
    mask: content,
  });
}
