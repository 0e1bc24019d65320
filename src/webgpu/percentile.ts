import { checkWithin } from "../internal/check.js";
import { checkTogether, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { allocate, dispatch, type Kernel, read } from "./kernel.js";
import { countOf } from "./sums.js";
import { bindMask, bindVoxels, chunksOf, INSIDE } from "./voxelwise.js";

/** Options of {@link percentile}. */
export interface GpuPercentileOptions {
  /** Voxels that count, on the volume's grid. Default: all. */
  readonly mask?: GpuMask;
}

const BUCKETS = 0x10000;

// The bits of a float32 as an unsigned integer that sorts as the number does; its upper half is counted first, then the lower half of those
// whose upper half is `bucket`.
const counting = (masked: boolean): Kernel => ({
  name: `histogram${masked ? "Inside" : ""}`,
  params: { lower: "u32", bucket: "u32" },
  reads: { values: "f32", ...(masked && { mask: "u32" }) },
  writes: { counts: "atomic<u32>" },
  declarations: masked ? INSIDE : "",
  body: `
  ${masked ? "if (!inside(n)) { return; }" : ""}
  let bits = bitcast<u32>(values[n]);
  let key = select(bits ^ 0x80000000u, ~bits, (bits >> 31u) == 1u);
  if (p.lower == 0u) { atomicAdd(&counts[key >> 16u], 1u); }
  else if (key >> 16u == p.bucket) { atomicAdd(&counts[key & 0xffffu], 1u); }`,
});

const all = counting(false);
const inside = counting(true);

/**
 * The value below which q percent of the voxels lie, on the GPU by two histograms: as `percentile` of `gadolinite/filters`, to the last bit.
 *
 * @param q percentage, 0 to 100
 * @throws `out-of-range` if q is not within 0 and 100; `grid-mismatch`
 * @example
 * const p95 = await percentile(volume, 95, { mask: brain });
 */
export async function percentile(volume: GpuVolume, q: number, { mask }: GpuPercentileOptions = {}): Promise<number> {
  checkWithin("A percentile", q, 0, 100);
  if (mask) checkTogether(volume, mask);
  const position = (q / 100) * (countOf(volume, mask) - 1);
  const upper = await histogram(volume, mask);
  const lower = new Map<number, Uint32Array>();
  const valueAt = async (rank: number) => {
    const { bucket, rest } = find(upper, rank);
    const counts = lower.get(bucket) ?? (await histogram(volume, mask, bucket));
    lower.set(bucket, counts);
    return numberOf(((bucket << 16) | find(counts, rest).bucket) >>> 0);
  };
  const below = await valueAt(Math.floor(position));
  const above = await valueAt(Math.ceil(position));
  const t = position - Math.floor(position);
  // From the nearer end, as on the CPU; "+ 0" makes 0 of −0.
  return (t < 0.5 ? below + (above - below) * t : above - (above - below) * (1 - t)) + 0;
}

async function histogram(volume: GpuVolume, mask: GpuMask | undefined, bucket?: number): Promise<Uint32Array> {
  const { device } = volume;
  const counts = allocate(device, 4 * BUCKETS);
  const params = { lower: bucket === undefined ? 0 : 1, bucket: bucket ?? 0 };
  for (const chunk of chunksOf(volume)) {
    const bindings = [bindVoxels(volume, chunk), ...(mask ? [bindMask(mask, chunk)] : []), { buffer: counts }];
    dispatch(device, mask ? inside : all, { threads: chunk.count, params, bindings });
  }
  const result = new Uint32Array(await read(device, counts));
  counts.destroy();
  return result;
}

/** The bucket in which the value of that rank lies, and its rank among the bucket's. */
function find(counts: Uint32Array, rank: number): { readonly bucket: number; readonly rest: number } {
  let bucket = 0;
  let rest = rank;
  while (rest >= counts[bucket]!) rest -= counts[bucket++]!;
  return { bucket, rest };
}

function numberOf(key: number): number {
  const bits = key >= 0x80000000 ? key ^ 0x80000000 : ~key;
  return new Float32Array(Int32Array.of(bits).buffer)[0]!;
}
