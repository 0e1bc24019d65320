import { encode } from "fast-png";
import { createMask } from "../../src/index.js";
import { montage } from "../../src/report/montage.js";
import { sliceView } from "../../src/report/sliceView.js";
import { compareWithPython } from "../support/compare.js";
import { brainSizedPair } from "../support/inputs.js";

// A row of four slices of 240×240 with an outline, as a report has. The floor is packing the pixels: a montage should cost about as much again.
const { pre, post } = brainSizedPair();
const lesion = createMask(
  post.data.map((v) => (v > 700 ? 1 : 0)),
  post.grid,
);
const window = { low: 0, high: 900 };
const options = {
  window,
  columnLabels: ["pre", "low dose", "restored", "post"],
  rowLabels: ["case 1"],
  contours: [{ mask: lesion }],
};
const pixels = new Uint8Array(3 * 1017 * 282);
for (const [n, volume] of [pre, post, pre, post].entries()) {
  const { data } = sliceView(volume);
  data.forEach((v, i) => pixels.fill(Math.max(0, Math.min(255, v / 4)), 3 * (n * 57600 + i), 3 * (n * 57600 + i) + 3));
}

await compareWithPython(
  "four axial slices of 240×240×155 as a PNG",
  {
    "encode alone (fast-png)": () => encode({ width: 1017, height: 282, data: pixels, channels: 3, depth: 8 }),
    montage: () => montage([[pre, post, pre, post]], options),
    "one sagittal slice (strided)": () => sliceView(post, { plane: "sagittal" }),
  },
  `
import io, json, time
import numpy as np
try:
    import matplotlib; matplotlib.use("Agg"); import matplotlib.pyplot as plt
except ImportError: plt = None
image = np.random.default_rng(1).normal(450, 100, (240, 240)).astype(np.float32)
mask = image > 700
times = []
for round in range(8):
    start = time.perf_counter()
    figure, axes = plt.subplots(1, 4, figsize=(10.2, 2.8), dpi=100)
    for axis in axes:
        axis.imshow(image, cmap="gray", vmin=0, vmax=900); axis.contour(mask, [0.5]); axis.set_title("pre"); axis.axis("off")
    figure.savefig(io.BytesIO(), format="png"); plt.close(figure)
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps({"matplotlib": sorted(times[1:])[3]}))
`,
);
