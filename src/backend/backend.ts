import type { Model } from "../model/model.js";

/** Numbers in row-major order: the last dimension runs fastest. A patch is [batch, channel, k, j, i]. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by the names that the model gives its inputs or outputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

export interface RunOptions {
  /** Looked at before and after a run. A run that has begun can't be interrupted: its result is dropped. */
  readonly signal?: AbortSignal;
}

export interface LoadOptions {
  readonly signal?: AbortSignal;
  /** Whether to run the self-test of the model's card, if it has one. Default true. */
  readonly selfTest?: boolean;
  /** Whether to compare the model's SHA-256 with its card's, if it has one. Default true. */
  readonly checksum?: boolean;
}

/** An input or output of a loaded model; always float32. */
export interface SessionValue {
  readonly name: string;
  /** A number is fixed; a name, perhaps empty, is free. Absent where the model leaves even the rank open. */
  readonly dims?: readonly (number | string)[];
}

/**
 * Where the operations of a loaded model run: all of them on the device that was asked for, or some on the CPU, since the device lacks them
 * or since they only compute sizes.
 */
export type Placement = "device" | "device and cpu";

/** A model that is loaded on a device. */
export interface Session {
  /** What runs it, e.g. `"cpu"`, `"cuda:0"`, `"webgpu"` or `"wasm, 2 threads"`. */
  readonly device: string;
  /** Absent where the runtime doesn't tell. */
  readonly placement?: Placement;
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  /**
   * Computes all outputs. The inputs are read, never changed or kept; the outputs belong to the caller. Calls may overlap: they
   * run one after another.
   */
  run(inputs: Tensors, options?: RunOptions): Promise<Tensors>;
  /** Frees the model, once runs that have begun are done. May be called again. */
  dispose(): Promise<void>;
}

/** Something that can run models. To wrap or to write one is to write this one function. */
export interface Backend {
  /** Short name, used in messages. */
  readonly name: string;
  load(model: Model, options?: LoadOptions): Promise<Session>;
}
