/** One number that a paper prints, and the same from what else it prints. */
export interface PrintedNumber {
  /** The paper's table, figure or passage. */
  readonly where: string;
  readonly what: string;
  /** As printed, but for the manner of writing: 0.15 for .15, 57 % for 57%. */
  readonly printed: string;
  /** Worked out by the library and written with the printed number's digits. */
  readonly recomputed: string;
  /** What it is worked out from. */
  readonly from: string;
  /**
   * `"agrees"`: the print follows; `"wrong"`: it doesn't; `"open"`: it would take the cases, which are not printed, and what is worked out
   * is a bound or another test.
   */
  readonly verdict: "agrees" | "wrong" | "open";
  /** What is wrong, or open. */
  readonly note?: string;
}

export const percent = (fraction: number, decimals = 0): string => `${(100 * fraction).toFixed(decimals)} %`;
