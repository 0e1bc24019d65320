import type { GpuBuffer, GpuDevice } from "./gpuDevice.js";

/** Float32 numbers on a GPU, in row-major order; as the CPU's tensors, a patch is [batch, channel, k, j, i]. */
export interface GpuTensor {
  readonly dims: readonly number[];
  readonly buffer: GpuBuffer;
  readonly device: GpuDevice;
  /** Gives the memory back. */
  dispose(): void;
}

/** What restores patches on a GPU: as the CPU's `Predictor`. The caller disposes of the result; the input is used again for the next patches. */
export type GpuPredictor = (patches: GpuTensor, signal?: AbortSignal) => Promise<GpuTensor>;

export const sizeOf = ({ dims }: Pick<GpuTensor, "dims">): number => dims.reduce((product, n) => product * n, 1);
