import { simulateDose } from "../dose/simulateDose.js";
import { type Gong2018Options, imageScan, slicewise } from "./gong2018.js";
import type { System } from "./system.js";

export type Mingo2023Options = Omit<Gong2018Options, "doses">;

/** The physical model's half dose. */
const DOSE = 0.5;

const PAPER = { network: {}, patch: 256, batch: 4, steps: 100_000, rate: 1e-3 } as const;
const SMALL = { ...PAPER, network: { features: [16, 16, 32] }, patch: 64, steps: 2000 } as const;

/**
 * Amplification learnt without any low-dose scan: half doses are averages of the pre-contrast and the standard-dose scan, a network learns the way from half to full, and is
 * applied to the standard dose to go beyond it ({@link amplify}).
 *
 * The paper's network isn't public: here it is that of {@link gong2018}.
 *
 * @returns a system of one network
 * @see Mingo et al. 2023, Investig Radiol 58:853; Pinetz et al. 2024, section 2 (the half dose as an average)
 * @example
 * const system = mingo2023({ seed: 1, size: "small" });
 */
export function mingo2023({ size = "paper", ...given }: Mingo2023Options): System {
  return slicewise("mingo2023", "Mingo et al. 2023", { ...(size === "small" ? SMALL : PAPER), ...given }, (studies) =>
    studies.map((study) => imageScan(study, simulateDose(study.pre, study.post, { dose: DOSE }))),
  );
}
