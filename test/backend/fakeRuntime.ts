import type { OnnxRuntime } from "../../src/backend/index.js";

export interface FakeOptions {
  /** Providers that don't start. */
  readonly missing?: readonly string[];
  /** Whether every model but the smallest is refused. */
  readonly badModel?: boolean;
  /** Whether some operations are only to be had on the CPU. */
  readonly partly?: boolean;
  readonly run?: (value: number) => number;
}

/** A runtime that knows identity models, and drops or lacks providers as told; it notes what it was asked. */
export function fakeRuntime({ missing = [], badModel = false, partly = false, run = (v) => v }: FakeOptions = {}) {
  const asked: (readonly unknown[])[] = [];
  const released: string[] = [];
  class Tensor {
    readonly location = "cpu";
    constructor(
      readonly type: string,
      readonly data: Float32Array,
      readonly dims: readonly number[],
    ) {}
  }
  interface CreateOptions {
    readonly executionProviders: readonly (string | { readonly name: string })[];
    readonly extra?: { readonly session?: { readonly disable_cpu_ep_fallback?: string } };
  }
  const create = async (bytes: Uint8Array, { executionProviders, extra }: CreateOptions) => {
    asked.push(executionProviders);
    const names = executionProviders.map((p) => (typeof p === "string" ? p : p.name));
    // Like ONNX Runtime: of several it drops those that don't start.
    if (names.every((name) => missing.includes(name)))
      throw new Error(`no available backend found. ERR: [${names}] backend not found.`);
    if (badModel && bytes.length > 100) throw new Error("This is an invalid model");
    if (partly && extra?.session?.disable_cpu_ep_fallback === "1")
      throw new Error(
        "This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.",
      );
    return {
      release: async () => void released.push(names.join()),
      run: async (feeds: Record<string, Tensor>) => {
        const { data, dims } = feeds["image"]!;
        return { restored: new Tensor("float32", data.map(run), dims) };
      },
    };
  };
  return { ort: { InferenceSession: { create }, Tensor, env: { versions: {} } } as unknown as OnnxRuntime, asked, released };
}
