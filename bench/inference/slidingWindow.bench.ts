import { cpu, type Session, type Tensor } from "../../src/backend/index.js";
import { createGrid, createVolume } from "../../src/index.js";
import { mirrored } from "../../src/inference/mirrored.js";
import { type Predictor, predictor } from "../../src/inference/predictor.js";
import { slidingWindow } from "../../src/inference/slidingWindow.js";
import { windowPlan } from "../../src/inference/windowPlan.js";
import { fillNormal } from "../../src/internal/random.js";
import { createModel } from "../../src/model/index.js";
import { fullCard } from "../../test/model/cards.js";
import { tinyOnnx } from "../../test/model/tinyOnnx.js";
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

const median = await compare(`${count} windows of 96³ over two channels of ${shape.join("×")}, a predictor that costs nothing`, {
  slidingWindow: () => slidingWindow(volumes, free, { window }),
  "the same, MONAI": () => slidingWindow(volumes, free, { window, placement: "monai" }),
  "8 mirror images": () => slidingWindow(volumes, mirrored(free), { window }),
  "bare copy and weighted sum": () => bareLoop(),
});

const session = await cpu().load(createModel(twoConvolutions(16)));
const card = {
  ...fullCard,
  inputs: [{ name: "image", channels: ["pre", "low"].map((name) => ({ name, offset: 0, scale: 1 })) }],
};
const restore = predictor(session, card);
const patches: Tensor = { dims: [1, 2, 96, 96, 96], data: new Float32Array(2 * size) };
fillNormal(patches.data, 3);
const ours = await compare(
  "a small network: 3³ convolutions 2→16→1",
  {
    [`${count} bare runs of the runtime`]: () => bareRuns(session),
    slidingWindow: () => slidingWindow(volumes, restore, { window }),
  },
  { rounds: 3 },
);
const runtime = Object.values(ours)[0]!;
console.log(`  windowing alone is ${((100 * median["slidingWindow"]!) / runtime).toFixed(1)} % of the runtime's time`);
await session.dispose();

async function bareRuns(session: Session): Promise<void> {
  for (let n = 0; n < count; n++) await session.run({ image: patches });
}

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

function twoConvolutions(features: number): Uint8Array {
  const weights = (n: number, seed: number) => {
    const data = new Float32Array(n);
    fillNormal(data, seed);
    return data.map((v) => v / 30);
  };
  const attributes = { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] };
  return tinyOnnx({
    inputs: [{ name: "image", dims: ["n", 2, "k", "j", "i"] }],
    outputs: [{ name: "restored", dims: ["n", 1, "k", "j", "i"] }],
    nodes: [
      { op: "Conv", inputs: ["image", "w1"], outputs: ["a"], attributes },
      { op: "Relu", inputs: ["a"], outputs: ["b"] },
      { op: "Conv", inputs: ["b", "w2"], outputs: ["restored"], attributes },
    ],
    initializers: {
      w1: { dims: [features, 2, 3, 3, 3], data: weights(features * 54, 4) },
      w2: { dims: [1, features, 3, 3, 3], data: weights(features * 27, 5) },
    },
  });
}
