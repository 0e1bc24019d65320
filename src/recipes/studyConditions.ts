import { relaxivity } from "../dose/relaxivity.js";
import type { PreparedStudy } from "./prepareStudy.js";

/** What is taken where a study doesn't tell: the public code's 3 T and gadoterate. */
const UNKNOWN = { fieldStrengthT: 3, agent: "gadoterate" };

/**
 * Field strength and relaxivity of a study's scans, for a network that is told of them; 3 T and gadoterate where they are not known, as in the public code of
 * Pinetz et al.
 *
 * @throws `out-of-range` for an agent or a field strength whose relaxivity no source lists
 * @see Pinetz et al. 2024, section 3.3 (conditions); Shen et al. 2015, Invest Radiol 50:330 (relaxivities)
 */
export function studyConditions({
  acquisition,
  injection,
}: Pick<PreparedStudy, "acquisition" | "injection">): Readonly<Record<"fieldStrengthT" | "relaxivity", number>> {
  const { fieldStrengthT = UNKNOWN.fieldStrengthT } = acquisition;
  const { agent = UNKNOWN.agent } = injection ?? {};
  return { fieldStrengthT, relaxivity: relaxivity(agent, fieldStrengthT).r1LPerMmolS };
}
