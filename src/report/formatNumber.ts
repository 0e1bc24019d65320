export interface FormatNumberOptions {
  /** Digits after the decimal point, 0 to 100. Default: as many as four significant digits need, and all of an integer's. */
  readonly decimals?: number | undefined;
}

/**
 * Writes a number for a reader: fixed decimals, a true minus sign (U+2212), `∞` and `NaN` by name, and no minus before a zero.
 *
 * @example
 * formatNumber(-1.25, { decimals: 1 }); // "−1.3"
 * formatNumber(0.123456); // "0.1235"
 */
export function formatNumber(value: number, { decimals }: FormatNumberOptions = {}): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const text =
    decimals !== undefined
      ? value.toFixed(decimals)
      : Number.isInteger(value)
        ? String(value)
        : String(Number(value.toPrecision(4)));
  // −0.00 says that a number is negative and then that it isn't.
  return /^-[0.]*$/.test(text) ? text.slice(1) : text.replace("-", "−").replace("e-", "e−");
}

/**
 * Writes a p-value as Bône's tables do: two decimals, three below 0.01, and bounds at the ends.
 *
 * @param p 0 to 1; NaN where there is no test, printed as `n/a`
 * @example
 * formatPValue(0.0004); // "<0.001"
 */
export function formatPValue(p: number): string {
  if (Number.isNaN(p)) return "n/a";
  if (p < 0.001) return "<0.001";
  if (p > 0.99) return ">0.99";
  return p.toFixed(p < 0.01 ? 3 : 2);
}
