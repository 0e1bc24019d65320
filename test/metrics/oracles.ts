import { type ErrorCode, isGadoliniteError, type Mask, type Volume } from "../../src/index.js";

/** Code of the GadoliniteError that a call throws; anything else that it throws goes on, and no throw is `undefined`. */
export function codeOf(call: () => unknown): ErrorCode | undefined {
  try {
    call();
  } catch (error) {
    if (isGadoliniteError(error)) return error.code;
    throw error;
  }
  return undefined;
}

/** The voxels of a volume inside a mask. */
export const voxelsIn = ({ data }: Volume, mask: Mask): number[] => [...data].filter((_, i) => mask.data[i]);

export const sumOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0);

export const meanOf = (values: readonly number[]): number => sumOf(values) / values.length;
