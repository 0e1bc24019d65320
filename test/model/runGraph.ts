import * as ort from "onnxruntime-node";

export interface Numbers {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Runs a model on the CPU with ONNX Runtime itself. */
export async function runOnnx(bytes: Uint8Array, feeds: Readonly<Record<string, Numbers>>): Promise<Record<string, Numbers>> {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ["cpu"], intraOpNumThreads: 1 });
  const tensors = Object.entries(feeds).map(([name, { dims, data }]) => [name, new ort.Tensor("float32", data, dims)] as const);
  const outputs = await session.run(Object.fromEntries(tensors));
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]),
  );
}

/** Some numbers of this shape, between −1 and 1. */
export const wavy = (...dims: readonly number[]): Numbers => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + i * 0.7)),
});
