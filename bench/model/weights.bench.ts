import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { toFloat16 } from "../../src/model/float16.js";
import { decodeGraph } from "../../src/model/graph/decode.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { readSafetensors, writeSafetensors } from "../../src/model/safetensors.js";
import { weightsOf } from "../../src/model/weights.js";
import { compare } from "../support/compare.js";

// Eight million parameters: 32 MB of float32. The yardstick is one copy of them.
const graph = conditionalUnet3d({ seed: 1 });
const onnx = encodeGraph(graph);
const tensors = weightsOf(graph);
const file = writeSafetensors(tensors);
const data = new Float32Array(8_094_241).map((_, i) => Math.sin(i));

await compare("8.1 million parameters", {
  "copy of the bytes": () => new Uint8Array(onnx),
  encodeGraph: () => encodeGraph(graph),
  decodeGraph: () => decodeGraph(onnx),
  writeSafetensors: () => writeSafetensors(tensors),
  readSafetensors: () => readSafetensors(file),
  toFloat16: () => toFloat16(data),
  "conditionalUnet3d, seeded": () => conditionalUnet3d({ seed: 1 }),
});
