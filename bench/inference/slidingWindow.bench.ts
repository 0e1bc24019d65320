import { cpu, type Session, type Tensor } from "../../src/backend/index.js";
import { createGrid, createVolume } from "../../src/index.js";
import { mirrored } from "../../src/inference/mirrored.js";
import { type Predictor, predictor } from "../../src/inference/predictor.js";
import { slidingWindow } from "../../src/inference/slidingWindow.js";
import { windowPlan } from "../../src/inference/windowPlan.js";
import { fillNormal } from "../../src/internal/random.js";
import { conditionalUnet3d, createModel, encodeGraph } from "../../src/model/index.js";
import { fullCard } from "../../test/model/cards.js";
import { compare } from "../support/compare.js";

// Goal: windowing, weighting and copying take at most 3 % of what the runtime takes, at windows of 96³.
const shape = [144, 144, 144] as const;
const window = [96, 96, 96] as const;
const grid = createGrid({ shape });
const volume = (seed: number) => {
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  fillNormal(data, seed);
  return createVolume(data, grid);
};
const volumes = [volume(1), volume(2)];
const { count } = windowPlan(shape, { window });
const size = 96 ** 3;

/** Costs nothing: always the same array. */
const output: Tensor = { dims: [1, 1, 96, 96, 96], data: new Float32Array(size) };
const free: Predictor = async () => output;

await compare(`${count} windows of 96³ over two channels of ${shape.join("×")}, a predictor that costs nothing`, {
  slidingWindow: () => slidingWindow(volumes, free, { window }),
  "the same, MONAI": () => slidingWindow(volumes, free, { window, placement: "monai" }),
  "8 mirror images": () => slidingWindow(volumes, mirrored(free), { window }),
  "bare copy and weighted sum": () => bareLoop(),
});

const options = { seed: 1, inputs: 2, features: 16, scales: 3, embedding: 16 };
const card = {
  ...fullCard,
  inputs: [{ name: "x", channels: ["pre", "low"].map((name) => ({ name, offset: 0, scale: 1 })) }],
  conditions: {
    input: "conditions",
    values: ["dose", "field", "relaxivity", "noise"].map((name) => ({ name, unit: "1", offset: 0, scale: 1, default: 0.1 })),
  },
  output: { ...fullCard.output, name: "y" },
};
const session = await cpu().load(createModel(encodeGraph(conditionalUnet3d(options)), { card }));
let inRuntime = 0;
const timed: Session = {
  ...session,
  async run(inputs) {
    const start = performance.now();
    const outputs = await session.run(inputs);
    inRuntime += performance.now() - start;
    return outputs;
  },
};
const start = performance.now();
await slidingWindow(volumes, predictor(timed, card), { window });
const ours = performance.now() - start - inRuntime;
console.log(`\na conditional U-Net of 16 features, ${count} windows of 96³`);
console.log(
  `  ONNX Runtime ${(inRuntime / 1000).toFixed(1)} s, everything else ${((100 * ours) / inRuntime).toFixed(1)} % of that`,
);
await session.dispose();

/** What can't be saved: each window copied in once, multiplied and added once, the quotient taken once. */
function bareLoop(): Float32Array {
  const sum = new Float64Array(shape[0] * shape[1] * shape[2]);
  const patch = new Float32Array(2 * size);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < 2; c++) patch.set(volumes[c]!.data.subarray(n * 1000, n * 1000 + size), c * size);
    for (let v = 0; v < size; v++) sum[n * 1000 + v]! += 0.5 * output.data[v]!;
  }
  const result = new Float32Array(sum.length);
  for (let v = 0; v < sum.length; v++) result[v] = sum[v]! / 3;
  return result;
}
