import { GadoliniteError } from "../core/errors.js";
import { fromBfloat16, fromFloat16 } from "./float16.js";
import type { ElementType, Initializer } from "./graph/graph.js";

/** Element types of weight files: those of a graph, and some that are only stored. */
export type WeightType = ElementType | "bfloat16" | "int8" | "int16";

export type WeightArray = Initializer["data"] | Int8Array | Int16Array;

/** Numbers with a shape, as weight files hold them. */
export interface WeightTensor {
  readonly dtype: WeightType;
  readonly shape: readonly number[];
  /** Elements, row-major; float16 and bfloat16 as their 16 bits. */
  readonly data: WeightArray;
}

/** The elements of a tensor of real numbers in float32. */
export function asFloat32(name: string, { dtype, data }: WeightTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (data instanceof Uint16Array) return dtype === "bfloat16" ? fromBfloat16(data) : fromFloat16(data);
  throw new GadoliniteError("bad-model", `The weights ${name} are of type ${dtype}; real numbers are expected.`);
}
