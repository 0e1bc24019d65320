import { writeFileSync } from "node:fs";
import { onnx } from "../../src/backend/onnx.js";
import { createModel } from "../../src/model/model.js";

// The other side of runOnWebgpu.ts: reads one job from its standard input, writes what came of it into the file that it is told.
const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const { bytes, dims, data } = JSON.parse(Buffer.concat(chunks).toString()) as { bytes: string; dims: number[]; data: number[] };

const run = async () => {
  const backend = onnx(await import("onnxruntime-node"), { executionProviders: ["webgpu"] });
  const session = await backend.load(createModel(Buffer.from(bytes, "base64")));
  const { y } = await session.run({ x: { dims, data: Float32Array.from(data) } });
  return { dims: y!.dims, data: [...y!.data] };
};
const result = await run().catch((error: Error & { code?: string }) => ({ code: error.code, message: error.message }));
// At once: the provider sometimes crashes when it is taken down.
writeFileSync(process.argv[2]!, JSON.stringify(result));
