import { voxelCount } from "../core/grid.js";
import type { GpuMask, GpuVolume } from "./gpuVolume.js";
import { allocate, dispatch, type Kernel, read } from "./kernel.js";
import { bindMask, bindVoxels, chunksOf, INSIDE } from "./voxelwise.js";

/** Voxels that a thread takes together; in float32, so not too many. */
const STRIDE = 256;

/** How voxels are brought together: `+`, or the WGSL functions `min` and `max`. */
type Fold = "+" | "min" | "max";

const START: Readonly<Record<Fold, number>> = { "+": 0, min: 3.4028234e38, max: -3.4028234e38 };

interface ReductionOptions extends Pick<Kernel, "params" | "declarations"> {
  /** Voxels that count: those of a mask, or where a WGSL expression of the voxel's number `v` is true. Default: all. */
  readonly where?: "mask" | string;
}

/** A kernel that folds values of voxels: WGSL expressions in which the volumes go by their names. */
export interface Reduction {
  readonly kernel: Kernel;
  readonly folds: readonly Fold[];
}

export function reduction(
  name: string,
  inputs: readonly string[],
  values: readonly (readonly [Fold, string])[],
  { where = "true", params, declarations = "" }: ReductionOptions = {},
): Reduction {
  const masked = where === "mask";
  const width = values.length;
  const fold = ([by, value]: readonly [Fold, string], v: number) =>
    by === "+" ? `r${v} += ${value};` : `r${v} = ${by}(r${v}, ${value});`;
  return {
    folds: values.map(([by]) => by),
    kernel: {
      name,
      params: { ...params, start: "u32", count: "u32" },
      reads: { ...Object.fromEntries(inputs.map((input) => [`${input}s`, "f32"])), ...(masked && { mask: "u32" }) },
      writes: { partial: "f32" },
      declarations: masked ? `${declarations}\n${INSIDE}` : declarations,
      // Neighbouring threads read neighbouring voxels.
      body: `
  ${values.map(([by], v) => `var r${v} = ${START[by].toExponential()}f;`).join(" ")}
  for (var m = n; m < p.count; m += p.threads) {
    let v = p.start + m;
    if (!(${masked ? "inside(m)" : where})) { continue; }
    ${inputs.map((input) => `let ${input} = ${input}s[m];`).join(" ")}
    ${values.map(fold).join("\n    ")}
  }
  ${values.map((_, v) => `partial[${width}u * n + ${v}u] = r${v};`).join(" ")}`,
    },
  };
}

/** Runs a {@link reduction}: parts of {@link STRIDE} voxels on the GPU in float32, the rest here in float64. */
export async function reduce(
  { kernel, folds }: Reduction,
  volumes: readonly GpuVolume[],
  { mask, params = {} }: { readonly mask?: GpuMask | undefined; readonly params?: Readonly<Record<string, number>> } = {},
): Promise<number[]> {
  const { device, grid } = volumes[0]!;
  const results = folds.map((fold) => START[fold]);
  for (const chunk of chunksOf({ device, grid })) {
    const threads = Math.ceil(chunk.count / STRIDE);
    const partial = allocate(device, 4 * folds.length * threads);
    const bindings = [...volumes.map((volume) => bindVoxels(volume, chunk)), ...(mask ? [bindMask(mask, chunk)] : [])];
    dispatch(device, kernel, { threads, params: { ...params, ...chunk }, bindings: [...bindings, { buffer: partial }] });
    const parts = new Float32Array(await read(device, partial));
    partial.destroy();
    for (let n = 0; n < threads; n++)
      folds.forEach((fold, v) => {
        const part = parts[folds.length * n + v]!;
        results[v] = fold === "+" ? results[v]! + part : Math[fold](results[v]!, part);
      });
  }
  return results;
}

/** Voxels that count. */
export const countOf = ({ grid }: GpuVolume, mask?: GpuMask): number => mask?.count ?? voxelCount(grid);
