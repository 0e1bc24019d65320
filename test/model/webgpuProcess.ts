import { onnx } from "../../src/backend/onnx.js";
import { createModel } from "../../src/model/model.js";

// The other side of runOnWebgpu.ts: reads jobs from its standard input, writes what came of each.
const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const jobs = JSON.parse(Buffer.concat(chunks).toString()) as { bytes: string; dims: number[]; data: number[] }[];

const backend = onnx(await import("onnxruntime-node"), { executionProviders: ["webgpu"] });
const results: unknown[] = [];
for (const { bytes, dims, data } of jobs) {
  try {
    const session = await backend.load(createModel(Buffer.from(bytes, "base64")));
    try {
      const { y } = await session.run({ x: { dims, data: Float32Array.from(data) } });
      results.push({ dims: y!.dims, data: [...y!.data] });
    } finally {
      await session.dispose();
    }
  } catch (error) {
    results.push({ code: (error as { code?: string }).code, message: (error as Error).message });
  }
}
process.stdout.write(`\n${JSON.stringify(results)}\n`);
