import fc from "fast-check";
import type { Tensor } from "../../src/backend/index.js";
import type { Vec3 } from "../../src/index.js";
import type { Predictor } from "../../src/inference/predictor.js";
import type { SlidingWindowOptions } from "../../src/inference/slidingWindow.js";

/** Gives back the first channel. */
export const identity: Predictor = async (patches) => firstChannel(patches);

export const constant =
  (value: number): Predictor =>
  async (patches) => {
    const { dims, data } = firstChannel(patches);
    return { dims, data: new Float32Array(data.length).fill(value) };
  };

/** What depends on the place within the window: first channel · (1 + i). */
export const ramp: Predictor = async (patches) => {
  const { dims, data } = firstChannel(patches);
  const ni = dims.at(-1)!;
  return { dims, data: data.map((v, at) => v * (1 + (at % ni))) };
};

function firstChannel({ dims, data }: Tensor): Tensor {
  const [n, channels, ...window] = dims as [number, number, ...number[]];
  const size = window.reduce((product, d) => product * d, 1);
  const out = new Float32Array(n * size);
  for (let m = 0; m < n; m++) out.set(data.subarray(m * channels * size, (m * channels + 1) * size), m * size);
  return { dims: [n, 1, ...window], data: out };
}

/** Any options of a sliding window over small volumes. */
export const windows = (max = 6): fc.Arbitrary<SlidingWindowOptions & { window: Vec3 }> =>
  fc.record({
    window: fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }), fc.integer({ min: 1, max })),
    overlap: fc.oneof(fc.constantFrom(0, 0.25, 0.5, 0.75), fc.double({ min: 0, max: 0.9, noNaN: true })),
    placement: fc.constantFrom("nnunet" as const, "monai" as const),
    weighting: fc.constantFrom("gaussian" as const, "uniform" as const),
    sigmaFraction: fc.double({ min: 0.02, max: 2, noNaN: true }),
    batch: fc.integer({ min: 1, max: 5 }),
    padValue: fc.constantFrom(0, -7.5),
  });
