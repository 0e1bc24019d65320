import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createGrid, createVolume } from "../../src/index.js";
import { createRandom } from "../../src/internal/random.js";
import { ssim, ssimMap } from "../../src/metrics/index.js";
import { type KernelOptions, plainKernels, type WindowKernels, wasmKernels } from "../../src/metrics/windowKernels.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const settings = fc.record({
  half: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 9 }),
  n: fc.integer({ min: 1, max: 21 }),
  luminance: fc.boolean(),
  covarianceFactor: fc.constantFrom(1, 343 / 342),
  values: fc.array(value, { minLength: 50, maxLength: 50 }),
});

/** Every number of memory is a sample, as float64 or, in the first ones, as float32. */
function filled(kernels: WindowKernels, values: readonly number[], floats: number): WindowKernels {
  for (let i = 0; i < kernels.numbers.length; i++) kernels.numbers[i] = values[i % values.length]!;
  for (let i = 0; i < floats; i++) kernels.floats[i] = values[i % values.length]!;
  return kernels;
}

describe("windowKernels", () => {
  test("WebAssembly gives the plain loops' results, bit for bit", () => {
    fc.assert(
      fc.property(settings, ({ half, n, luminance, covarianceFactor, values }) => {
        const weights = Float64Array.from([...half, ...half.slice(0, -1).reverse()]);
        const pitch = n + 2 * half.length + 1;
        const inputs = 4 * pitch * (weights.length + 1) + 2 * pitch;
        const constants = { c1: 0.01, c2: 0.09, covarianceFactor, luminance };
        const options: KernelOptions = { weights, pitch, length: inputs + 4 * pitch + 2, constants };
        const plain = filled(plainKernels(options), values, 4 * pitch);
        const wasm = filled(wasmKernels(options)!, values, 4 * pitch);
        const results = ({ numbers, ...kernels }: WindowKernels) => {
          const rows: number[][] = [];
          kernels.products(1, pitch, inputs, n);
          for (let m = 0; m < 4; m++) rows.push([...numbers.subarray(inputs + m * pitch, inputs + m * pitch + n)]);
          for (const kernel of [kernels.across, kernels.along, kernels.similarities]) {
            kernel(2 * pitch, inputs, n);
            rows.push([...numbers.subarray(inputs, inputs + n)]);
          }
          return rows;
        };
        expect(results(wasm)).toEqual(results(plain));
      }),
    );
  });

  // 18×17×19 voxels: enough for WebAssembly to be used.
  const grid = createGrid({ shape: [18, 17, 19] });
  const random = createRandom(1);
  const noise = () =>
    createVolume(
      Float32Array.from({ length: 18 * 17 * 19 }, () => random.uniform()),
      grid,
    );
  const [a, b] = [noise(), noise()];

  test.each(["scikit-image", "wang", "axial"] as const)("%s: the same where WebAssembly is forbidden", (window) => {
    const options = { dataRange: 1, window };
    const [mean, map] = [ssim(a, b, options), ssimMap(a, b, options)];
    vi.stubGlobal("WebAssembly", {
      ...WebAssembly,
      Memory: WebAssembly.Memory,
      Module: () => {
        throw new EvalError("forbidden by the content security policy");
      },
    });
    expect(ssim(a, b, options)).toBe(mean);
    expect(ssimMap(a, b, options)).toEqual(map);
    vi.stubGlobal("WebAssembly", undefined);
    expect(ssim(a, b, options)).toBe(mean);
  });
});
