import { checkFiniteVoxels } from "../internal/check.js";

/**
 * Values at the given ranks (0 = smallest) of a float32 array, without sorting or copying it: two passes that count, by the upper and
 * then by the lower half of the bits. −0 sorts below 0. Throws `out-of-range` if a value is NaN or infinite.
 */
export function valuesAtRanks(name: string, values: Float32Array, ranks: readonly number[]): number[] {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Uint32Array(0x10000);
  for (let i = 0; i < bits.length; i++) upper[sortable(bits[i]!) >>> 16]!++;
  if (holdsNonFinite(upper)) checkFiniteVoxels(name, values);
  const found = ranks.map((rank) => find(upper, rank));
  const lower = new Map(found.map(({ bucket }) => [bucket, new Uint32Array(0x10000)]));
  for (const [bucket, counts] of lower)
    for (let i = 0; i < bits.length; i++) {
      const key = sortable(bits[i]!);
      if (key >>> 16 === bucket) counts[key & 0xffff]!++;
    }
  return found.map(({ bucket, rest }) => numberOf((bucket << 16) | find(lower.get(bucket)!, rest).bucket));
}

/** NaN and the infinities have the greatest exponent: they fill the outermost 128 buckets at either end. */
function holdsNonFinite(upper: Uint32Array): boolean {
  for (let n = 0; n < 0x80; n++) if (upper[n]! + upper[0xffff - n]! > 0) return true;
  return false;
}

/** Maps the bits of a float32 to a 32-bit integer that, read as unsigned, sorts as the number does. */
const sortable = (bits: number): number => bits ^ ((bits >> 31) | 0x80000000);

function numberOf(key: number): number {
  const bits = key < 0 ? key ^ 0x80000000 : ~key;
  return new Float32Array(Int32Array.of(bits).buffer)[0]!;
}

/** The bucket in which the value of that rank lies, and its rank among the bucket's. */
function find(counts: Uint32Array, rank: number): { readonly bucket: number; readonly rest: number } {
  let bucket = 0;
  let rest = rank;
  while (rest >= counts[bucket]!) rest -= counts[bucket++]!;
  return { bucket, rest };
}

/** Quantiles by numpy's rule "linear": of n sorted values, q % lies at rank q/100·(n − 1), between ranks by interpolation. */
export function linearQuantiles(name: string, values: Float32Array, qs: readonly number[]): number[] {
  const positions = qs.map((q) => (q / 100) * (values.length - 1));
  const ranks = [...new Set(positions.flatMap((p) => [Math.floor(p), Math.ceil(p)]))];
  const at = new Map(valuesAtRanks(name, values, ranks).map((value, i) => [ranks[i]!, value]));
  return positions.map((p) => between(at.get(Math.floor(p))!, at.get(Math.ceil(p))!, p - Math.floor(p)));
}

// From the nearer end, as numpy does: it never leaves the two, and rises with t. "+ 0" makes 0 of −0.
const between = (a: number, b: number, t: number): number => (t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t)) + 0;

/** Median; the mean of the two middle values if their number is even. NaN of none. Throws `out-of-range` if a value is not finite. */
export function medianOf(values: Float32Array): number {
  return values.length === 0 ? Number.NaN : linearQuantiles("The values", values, [50])[0]!;
}
