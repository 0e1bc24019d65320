import type { DoseResult } from "../report/doseTable.js";
import { formatNumber, formatPValue } from "../report/formatNumber.js";
import { tTest } from "../statistics/tTest.js";
import type { ContrastRow } from "./boneTables.js";
import type { ComparisonRow } from "./compare.js";

/** What a paper says, and whether a cohort bears it out. */
export interface Claim {
  readonly paper: string;
  readonly claim: string;
  readonly holds: boolean;
  /** The numbers that it rests on. */
  readonly evidence: string;
}

/**
 * By mean PSNR and SSIM, restored against before: restoration gains most at the lowest dose, as the paper's text says, and least at the highest.
 *
 * The paper's own table 4 bears out the second alone: there PSNR gains most at 50 %, SSIM at 30 %.
 *
 * @see Chen et al. 2025, Eur Radiol, "Results" and table 4
 */
export function chenClaims(results: readonly DoseResult[]): readonly Claim[] {
  return (["psnr", "ssim"] as const).flatMap((metric) => {
    const own = results.filter((r) => r.metric === metric);
    const doses = [...new Set(own.map(({ dose }) => dose))].sort((a, b) => a - b);
    const [before, after] = [...new Set(own.map(({ restorer }) => restorer))];
    const at = (dose: number, restorer: string | undefined) =>
      mean(own.filter((r) => r.dose === dose && r.restorer === restorer && Number.isFinite(r.value)).map(({ value }) => value));
    const gains = doses.map((dose) => at(dose, after) - at(dose, before));
    const [name, decimals] = metric === "psnr" ? ["PSNR", 2] : ["SSIM", 3];
    const paper = "Chen et al. 2025";
    const evidence = doses.map((dose, n) => `${dose}: ${signed(gains[n]!, decimals)}`).join(", ");
    const most = gains[0]! > 0 && gains[0] === Math.max(...gains);
    const least = gains.at(-1) === Math.min(...gains);
    return [
      { paper, claim: `${name} gains most at the lowest dose.`, holds: most, evidence },
      { paper, claim: `${name} gains least at the highest dose.`, holds: least, evidence },
    ];
  });
}

export interface PinetzClaimsOptions {
  /** Default `"pinetz2024"`. */
  readonly ours?: string;
  /** Networks that predict the image directly. */
  readonly direct: readonly string[];
}

/**
 * The contrast-signal method keeps the lesions' c̄ nearer to 1 than each direct prediction, by the mean over lesions of |1 − c̄|, at each dose.
 *
 * @see Pinetz et al. 2024, tables 1 and 3
 */
export function pinetzClaims(
  rows: readonly ComparisonRow[],
  { ours = "pinetz2024", direct }: PinetzClaimsOptions,
): readonly Claim[] {
  const doses = [...new Set(rows.map(({ dose }) => dose))].sort((a, b) => a - b);
  const lesions = (system: string, dose: number) =>
    rows.filter((row) => row.system === system && row.dose === dose && row.region === "lesion").map((row) => row.relativeMean);
  return doses.flatMap((dose) =>
    direct.map((system): Claim => {
      const pairs = lesions(ours, dose).map((c, n) => [c, lesions(system, dose)[n]!] as const);
      const known = pairs.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
      const off = (side: 0 | 1) => known.map((pair) => Math.abs(1 - pair[side]));
      const test = pairedTest(off(0), off(1));
      const told = (side: 0 | 1) => `c̄ ${number(mean(known.map((pair) => pair[side])))}, |1 − c̄| ${number(mean(off(side)))}`;
      return {
        paper: "Pinetz et al. 2024",
        claim: `At dose ${dose}, the contrast signal keeps the lesions' c̄ nearer to 1 than ${system}.`,
        holds: mean(off(0)) < mean(off(1)),
        evidence: `${ours}: ${told(0)}; ${system}: ${told(1)}; ${known.length} lesion${known.length === 1 ? "" : "s"}${test}`,
      };
    }),
  );
}

/**
 * Amplification raises CNR, LBR and CEP over the standard dose.
 *
 * @see Bône et al. 2022, Invest Radiol 57:527, table 4
 */
export function boneClaims(
  rows: readonly ContrastRow[],
  { standard = "T1c", amplified = "T1c-pro" }: { readonly standard?: string; readonly amplified?: string } = {},
): readonly Claim[] {
  return (["cnr", "lbr", "cep"] as const).map((key) => {
    const of = (arm: string) => rows.filter((row) => row.arm === arm).map((row) => row[key]);
    const [before, after] = [of(standard), of(amplified)];
    const test = pairedTest(after, before);
    return {
      paper: "Bône et al. 2022",
      claim: `Amplification raises ${key.toUpperCase()} over the standard dose.`,
      holds: mean(after) > mean(before),
      evidence: `${standard} ${number(mean(before))}, ${amplified} ${number(mean(after))}; ${before.length} case${before.length === 1 ? "" : "s"}${test}`,
    };
  });
}

/** Nothing for fewer than two pairs. */
function pairedTest(a: readonly number[], b: readonly number[]): string {
  if (a.length < 2) return "";
  const p = formatPValue(tTest(a, b, { design: "paired" }).pValue);
  return `, paired t-test p ${p.startsWith("<") ? p : `= ${p}`}`;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const number = (value: number): string => formatNumber(value, { decimals: 2 });
const signed = (value: number, decimals: number): string => `${value > 0 ? "+" : ""}${formatNumber(value, { decimals })}`;
