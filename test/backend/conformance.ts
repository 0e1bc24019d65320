import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, cpu, makeSelfTest, runSelfTest, type Session, type Tensor } from "../../src/backend/index.js";
import { fillNormal } from "../../src/internal/random.js";
import {
  conditionalUnet3d,
  conesGenerator,
  createModel,
  encodeGraph,
  type Graph,
  type ModelCard,
  residualUnet3d,
  unet2d,
  unet25d,
  uniformFanIn,
} from "../../src/model/index.js";
import { fullCard } from "../model/cards.js";
import { convolutionModel, extrapolationModel, identityModel, type TinyNode, tinyOnnx } from "../model/tinyOnnx.js";

export interface ConformanceOptions {
  /**
   * Largest error of an operation, as a fraction of Σ|term| of the sum that it computes. Float32 with n terms keeps within n · 2⁻²⁴ in
   * any order; 27 · 16 terms are the most here, of random sign.
   */
  readonly tolerance: number;
  /** Operations that the backend is known to lack. */
  readonly lacks?: readonly string[];
  /** Whether a session whose run failed says that it can't run any more, rather than living on. */
  readonly onceFailed?: boolean;
  /** What a network gives; default: what it gives on `cpu()`, which browsers don't have. */
  readonly reference?: (network: number) => Promise<Tensor>;
  /** Why the suite can't run here. */
  readonly skip?: string | undefined;
}

const normal = (dims: readonly number[], seed: number): Tensor => {
  const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
  fillNormal(data, seed);
  return { dims, data };
};

/** The library's networks at a small width, with the shapes of their inputs. */
export const networks: readonly [string, Graph, Readonly<Record<string, readonly number[]>>][] = [
  [
    "conditional 3-D U-Net",
    conditionalUnet3d({ seed: 1, features: 2, scales: 3, embedding: 8, output: "linear" }),
    { x: [2, 3, 7, 8, 10], conditions: [2, 4] },
  ],
  ["residual 3-D U-Net", residualUnet3d({ seed: 1, features: 2, convolutions: [1, 2, 2] }), { x: [2, 4, 4, 8, 12] }],
  ["2.5-D U-Net", unet25d({ seed: 1, features: [2, 3, 4] }), { x: [1, 14, 16, 24] }],
  ["2-D U-Net", unet2d({ seed: 1, features: [2, 2, 3] }), { x: [3, 2, 8, 16] }],
  [
    "generator of CoNeS",
    conesGenerator({ seed: 1, blocks: [1, 1, 1, 1], features: 2, pyramid: 4, width: 3, layers: 2, initialize: uniformFanIn(1) }),
    { x: [2, 2, 13, 18] },
  ],
];

const networkInputs = (shapes: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(shapes).map(([name, dims], n) => [name, normal(dims, 8 + n)]));

/** What the network with this number gives on the CPU, on one thread. */
export async function referenceOf(network: number): Promise<Tensor> {
  const [, graph, shapes] = networks[network]!;
  const session = await cpu({ threads: 1 }).load(createModel(encodeGraph(graph)));
  const { y } = await session.run(networkInputs(shapes));
  await session.dispose();
  return y!;
}

/** What every backend must do. `backend` is called once. */
export function conformance(
  name: string,
  backend: () => Backend,
  { tolerance, lacks = [], reference = referenceOf, onceFailed = false, skip }: ConformanceOptions,
): void {
  describe.skipIf(skip !== undefined)(`conformance of ${name}${skip === undefined ? "" : ` (skipped: ${skip})`}`, () => {
    let device: Backend;
    const sessions: Session[] = [];
    beforeAll(() => {
      device = backend();
    });
    afterAll(async () => {
      await Promise.all(sessions.map((session) => session.dispose()));
    });
    const load = async (bytes: Uint8Array, card?: ModelCard) => {
      const session = await device.load(createModel(bytes, card && { card }));
      sessions.push(session);
      return session;
    };
    const restored = async (session: Session, inputs: Record<string, Tensor>) => (await session.run(inputs))["restored"]!;

    test("has a name, and a session tells its device, inputs and outputs", async () => {
      const session = await load(extrapolationModel());
      expect(device.name).toMatch(/\w/);
      expect(session.device).toMatch(/\w/);
      expect(session.placement).toBe("device");
      expect(session.inputs).toEqual([
        { name: "image", dims: ["n", 2, "k", "j", "i"] },
        { name: "conditions", dims: ["n", 1] },
      ]);
      expect(session.outputs).toEqual([{ name: "restored", dims: ["n", 1, "k", "j", "i"] }]);
    });

    test("gives every bit of its input back, of any size, batch and value", async () => {
      const session = await load(identityModel());
      for (const dims of [
        [1, 1, 1, 1, 1],
        [2, 1, 3, 4, 5],
        [3, 1, 7, 1, 2],
      ]) {
        const image = normal(dims, 1);
        image.data[0] = 3e38;
        const before = image.data.slice();
        const output = await restored(session, { image });
        expect(output.dims).toEqual(dims);
        expect(output.data).toEqual(before);
        expect(image.data).toEqual(before);
        expect(output.data.buffer).not.toBe(image.data.buffer);
      }
    });

    test("takes views into larger and into shared buffers", async () => {
      const session = await load(identityModel());
      // Pages that aren't cross-origin isolated have no shared ones.
      const shared = typeof SharedArrayBuffer === "undefined" ? [] : [new SharedArrayBuffer(40)];
      for (const buffer of [new ArrayBuffer(40), ...shared]) {
        const data = new Float32Array(buffer).fill(5).subarray(3, 7);
        expect([...(await restored(session, { image: { dims: [1, 1, 1, 2, 2], data } })).data]).toEqual([5, 5, 5, 5]);
      }
    });

    test("several inputs by name, conditions broadcast over a batch", async () => {
      const session = await load(extrapolationModel());
      const image: Tensor = { dims: [2, 2, 1, 1, 3], data: Float32Array.of(1, 2, 3, 2, 4, 6, 10, 20, 30, 11, 22, 33) };
      const conditions: Tensor = { dims: [2, 1], data: Float32Array.of(10, 2) };
      expect([...(await restored(session, { conditions, image })).data]).toEqual([11, 22, 33, 12, 24, 36]);
    });

    for (const { channels, features, size, stride } of [
      { channels: 1, features: 1, size: 3, stride: 1 },
      { channels: 3, features: 5, size: 3, stride: 1 },
      { channels: 16, features: 8, size: 3, stride: 1 },
      { channels: 4, features: 4, size: 3, stride: 2 },
      { channels: 4, features: 2, size: 1, stride: 1 },
      { channels: 2, features: 3, size: 5, stride: 1 },
    ])
      test.skipIf(lacks.includes("Conv"))(`3-D convolution ${channels}→${features}, ${size}³, stride ${stride}`, async () => {
        const weights = normal([features, channels, size, size, size], 2);
        const image = normal([2, channels, 7, 6, 9], 3);
        const session = await load(convolutionModel(weights.data, { channels, features, size, stride }));
        const output = await restored(session, { image });
        const { dims, values, scales } = convolve(image, weights, stride);
        expect(output.dims).toEqual(dims);
        expect(largestError(output.data, values, scales)).toBeLessThan(tolerance);
      });

    const operations: [string, TinyNode, (x: number, channelMean: number, channelSd: number) => number][] = [
      ["Relu", { op: "Relu", inputs: ["image"], outputs: ["restored"] }, (x) => Math.max(0, x)],
      [
        "LeakyRelu",
        { op: "LeakyRelu", inputs: ["image"], outputs: ["restored"], attributes: { alpha: { float: 0.25 } } },
        (x) => (x < 0 ? x / 4 : x),
      ],
      ["Sigmoid", { op: "Sigmoid", inputs: ["image"], outputs: ["restored"] }, (x) => 1 / (1 + Math.exp(-x))],
      ["Tanh", { op: "Tanh", inputs: ["image"], outputs: ["restored"] }, Math.tanh],
      [
        "InstanceNormalization",
        { op: "InstanceNormalization", inputs: ["image", "one", "zero"], outputs: ["restored"] },
        (x, mean, sd) => (x - mean) / Math.sqrt(sd * sd + 1e-5),
      ],
    ];
    for (const [operation, node, expected] of operations)
      test.skipIf(lacks.includes(operation))(operation, async () => {
        const bytes = tinyOnnx({
          inputs: [{ name: "image", dims: ["n", 2, "k", "j", "i"] }],
          outputs: [{ name: "restored", dims: ["n", 2, "k", "j", "i"] }],
          nodes: [node],
          initializers: { one: { dims: [2], data: Float32Array.of(1, 1) }, zero: { dims: [2], data: Float32Array.of(0, 0) } },
        });
        const image = normal([2, 2, 3, 4, 5], 4);
        const { data } = await restored(await load(bytes), { image });
        const size = 60;
        const values = Float64Array.from(image.data, (x, at) => {
          const channel = image.data.subarray(at - (at % size), at - (at % size) + size);
          const mean = channel.reduce((sum, v) => sum + v, 0) / size;
          const sd = Math.sqrt(channel.reduce((sum, v) => sum + (v - mean) ** 2, 0) / size);
          return expected(x, mean, sd);
        });
        expect(largestError(data, values, new Float64Array(values.length).fill(1))).toBeLessThan(tolerance);
      });

    for (const [operation, dims, expected] of [
      ["MaxPool", [1, 1, 1, 1, 2], [6, 8]],
      ["AveragePool", [1, 1, 1, 1, 2], [3.5, 5.5]],
    ] as const)
      test.skipIf(lacks.includes(operation))(`${operation} 2³`, async () => {
        const attributes = { kernel_shape: [2, 2, 2], strides: [2, 2, 2] };
        const bytes = identityModel({ nodes: [{ op: operation, inputs: ["image"], outputs: ["restored"], attributes }] });
        const image: Tensor = { dims: [1, 1, 2, 2, 4], data: Float32Array.of(1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8) };
        const output = await restored(await load(bytes), { image });
        expect(output.dims).toEqual(dims);
        expect([...output.data]).toEqual(expected);
      });

    test.skipIf(lacks.includes("Resize"))("Resize, trilinear, doubles along each axis with half-voxel centres", async () => {
      const bytes = identityModel({
        nodes: [
          {
            op: "Resize",
            inputs: ["image", "", "scales"],
            outputs: ["restored"],
            attributes: { mode: "linear", coordinate_transformation_mode: "half_pixel" },
          },
        ],
        outputs: [{ name: "restored", dims: ["n", 1, "k2", "j2", "i2"] }],
        initializers: { scales: { dims: [5], data: Float32Array.of(1, 1, 2, 2, 2) } },
      });
      const output = await restored(await load(bytes), { image: { dims: [1, 1, 1, 1, 2], data: Float32Array.of(0, 4) } });
      expect(output.dims).toEqual([1, 1, 2, 2, 4]);
      expect([...output.data]).toEqual([0, 1, 3, 4, 0, 1, 3, 4, 0, 1, 3, 4, 0, 1, 3, 4]);
    });

    for (const [n, [network, graph, shapes]] of networks.entries())
      test(`${network}, odd sizes, two models at a time, as on the CPU`, async () => {
        const bytes = encodeGraph(graph);
        const inputs = networkInputs(shapes);
        const expected = await reference(n);
        const [first, second] = [await load(bytes), await load(bytes)];
        const rms = Math.sqrt(expected.data.reduce((sum, v) => sum + v * v, 0) / expected.data.length);
        expect(rms).toBeGreaterThan(0);
        for (const session of [first, second]) {
          const { y } = await session.run(inputs);
          expect(y!.dims).toEqual(expected.dims);
          // Each of a few dozen layers in its own order of sums.
          const scales = new Float64Array(expected.data.length).fill(rms);
          expect(largestError(y!.data, Float64Array.from(expected.data), scales)).toBeLessThan(64 * tolerance);
        }
      });

    test("an empty batch is refused", async () => {
      const session = await load(identityModel());
      const image = { dims: [0, 1, 2, 2, 2], data: new Float32Array(0) };
      await expect(session.run({ image })).rejects.toMatchObject({ code: "out-of-range" });
    });

    test("patches of one batch don't touch each other", async () => {
      const session = await load(convolutionModel(normal([27], 5).data));
      const both = normal([2, 1, 4, 4, 4], 6);
      const together = await restored(session, { image: both });
      for (const m of [0, 1]) {
        const alone = await restored(session, { image: { dims: [1, 1, 4, 4, 4], data: both.data.slice(m * 64, m * 64 + 64) } });
        const part = Float64Array.from(together.data.subarray(m * 64, m * 64 + 64));
        expect(largestError(alone.data, part, new Float64Array(64).fill(27))).toBeLessThan(tolerance);
      }
    });

    test("runs that overlap give each caller its own result", async () => {
      const session = await load(identityModel());
      const images = Array.from({ length: 8 }, (_, seed) => normal([1, 1, 2, 2, seed + 1], seed));
      const outputs = await Promise.all(images.map((image) => restored(session, { image })));
      outputs.forEach((output, m) => expect(output).toEqual(images[m]));
    });

    test("refuses inputs that the model doesn't take, naming what it expected", async () => {
      const session = await load(extrapolationModel());
      const image = normal([1, 2, 2, 2, 2], 1);
      const conditions = normal([1, 1], 2);
      const refused = (inputs: Record<string, Tensor>, message: RegExp) =>
        expect(session.run(inputs)).rejects.toMatchObject({ code: "out-of-range", message: expect.stringMatching(message) });
      await refused({ image }, /inputs are "image", "conditions", but the tensors given are "image"/);
      await refused({ image, conditions, more: image }, /given are "image", "conditions", "more"/);
      await refused(
        { image: normal([1, 3, 2, 2, 2], 1), conditions },
        /"image" of the model is a tensor \[n, 2, k, j, i\], but one of \[1, 3, 2, 2, 2\]/,
      );
      await refused({ image: normal([1, 2, 2, 2], 1), conditions }, /but one of \[1, 2, 2, 2\]/);
      await refused(
        { image: { dims: [1, 2, 2, 2, 2], data: new Float32Array(15) }, conditions },
        /needs 16 values, but its array has 15/,
      );
      await refused({ image: { dims: [1, 2, 0, 2, 2], data: new Float32Array(0) }, conditions }, /must be positive integers/);
      await refused(
        { image: { dims: [1, 2, 2, 2, 2], data: new Float64Array(16) as never }, conditions },
        /must be a Float32Array/,
      );
      expect((await session.run({ image, conditions }))["restored"]!.dims).toEqual([1, 1, 2, 2, 2]);
    });

    test(`what the device can't compute is an error, and ${onceFailed ? "the session says that it is no more" : "the session lives on"}`, async () => {
      const bytes = identityModel({
        nodes: [{ op: "Reshape", inputs: ["image", "shape"], outputs: ["restored"] }],
        initializers: { shape: { dims: [1], data: BigInt64Array.of(6n) } },
        outputs: [{ name: "restored", dims: [6] }],
      });
      const session = await load(bytes);
      await expect(session.run({ image: normal([1, 1, 1, 1, 5], 1) })).rejects.toMatchObject({
        code: "unsupported",
        message: expect.stringMatching(/failed to run the model/),
      });
      const image = normal([1, 1, 1, 1, 6], 1);
      if (onceFailed) await expect(session.run({ image })).rejects.toMatchObject({ code: "no-backend" });
      const alive = onceFailed ? await load(bytes) : session;
      expect((await restored(alive, { image })).dims).toEqual([6]);
    });

    test("a cancelled run is aborted: before it begins, and when it is done", async () => {
      const session = await load(identityModel());
      const image = normal([1, 1, 2, 2, 2], 1);
      await expect(session.run({ image }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
      const controller = new AbortController();
      const run = session.run({ image }, { signal: controller.signal });
      controller.abort();
      await expect(run).rejects.toMatchObject({ code: "aborted" });
      expect((await restored(session, { image })).data).toEqual(image.data);
    });

    test("after dispose, which may be called twice, there is nothing to run", async () => {
      const session = await device.load(createModel(identityModel()));
      const image = normal([1, 1, 2, 2, 2], 1);
      const begun = session.run({ image });
      await Promise.all([session.dispose(), session.dispose()]);
      await session.dispose();
      expect((await begun)["restored"]!.data).toEqual(image.data);
      await expect(session.run({ image })).rejects.toMatchObject({
        code: "no-backend",
        message: expect.stringMatching(/disposed/),
      });
    });

    test("refuses what is no model, or one that it can't take", async () => {
      const refused = (bytes: Uint8Array, code: string, message: RegExp) =>
        expect(device.load({ bytes })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      await refused(new Uint8Array(100).fill(7), "bad-model", /no ONNX model/);
      await refused(identityModel().subarray(0, 60), "bad-model", /no ONNX model/);
      await refused(
        identityModel({ nodes: [{ op: "Nonsense", inputs: ["image"], outputs: ["restored"] }] }),
        "bad-model",
        /refuses the model.*Nonsense/s,
      );
      await refused(identityModel({ opset: 999 }), "bad-model", /refuses the model/);
      const int64 = { name: "image", dims: ["n"], type: 7 };
      await refused(
        identityModel({ inputs: [int64], outputs: [{ ...int64, name: "restored" }] }),
        "unsupported",
        /"image" of the model is int64.*Cast/,
      );
      await expect(device.load({ bytes: identityModel() }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "aborted",
      });
    });

    test("a self-test made here passes here, and a wrong one says by how much", async () => {
      const bytes = convolutionModel(normal([27 * 2 * 3], 7).data, { channels: 2, features: 3 });
      const session = await load(bytes);
      const selfTest = await makeSelfTest(session, {
        inputs: { image: [1, 2, 6, 6, 6] },
        seed: 3,
        tolerance: 27 * 2 * 8 * tolerance,
      });
      await runSelfTest(session, selfTest);
      await load(bytes, { ...fullCard, selfTest });

      const wrong = convolutionModel(new Float32Array(27 * 2 * 3), { channels: 2, features: 3 });
      const card = { ...fullCard, selfTest };
      const failure = {
        code: "bad-model",
        message: expect.stringMatching(/Self-test on .*"restored" is off by \d.*where .* is allowed/),
      };
      await expect(device.load({ bytes: wrong, card })).rejects.toMatchObject(failure);
      await (await device.load({ bytes: wrong, card }, { selfTest: false })).dispose();
    });

    test("a model that isn't the card's is refused by its checksum", async () => {
      const card = { ...fullCard, sha256: "0".repeat(64) };
      await expect(device.load({ bytes: identityModel(), card })).rejects.toMatchObject({
        code: "bad-model",
        message: expect.stringMatching(/SHA-256/),
      });
      await (await device.load({ bytes: identityModel(), card }, { checksum: false })).dispose();
    });
  });
}

/** 3-D convolution with zero padding, written out in float64; `scales` is Σ|weight · voxel| of each sum. */
function convolve(image: Tensor, weights: Tensor, stride: number) {
  const [n, channels, nk, nj, ni] = image.dims as [number, number, number, number, number];
  const [features, , size] = weights.dims as [number, number, number];
  const out = [nk, nj, ni].map((d) => Math.floor((d - 1) / stride) + 1) as [number, number, number];
  const dims = [n, features, ...out];
  const values = new Float64Array(dims.reduce((a, b) => a * b, 1));
  const scales = new Float64Array(values.length);
  const half = (size - 1) / 2;
  let at = 0;
  for (let m = 0; m < n; m++)
    for (let f = 0; f < features; f++)
      for (let k = 0; k < out[0]; k++)
        for (let j = 0; j < out[1]; j++)
          for (let i = 0; i < out[2]; i++, at++) {
            values[at] = f / 8;
            scales[at] = 1;
            for (let c = 0; c < channels; c++)
              for (let dk = 0; dk < size; dk++)
                for (let dj = 0; dj < size; dj++)
                  for (let di = 0; di < size; di++) {
                    const [z, y, x] = [k * stride + dk - half, j * stride + dj - half, i * stride + di - half];
                    if (z < 0 || z >= nk || y < 0 || y >= nj || x < 0 || x >= ni) continue;
                    const term =
                      weights.data[di + size * (dj + size * (dk + size * (c + channels * f)))]! *
                      image.data[x + ni * (y + nj * (z + nk * (c + channels * m)))]!;
                    values[at]! += term;
                    scales[at]! += Math.abs(term);
                  }
          }
  return { dims, values, scales };
}

function largestError(got: Float32Array, expected: Float64Array, scales: Float64Array): number {
  if (got.length !== expected.length) return Infinity;
  let most = 0;
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs(got[i]! - expected[i]!) / scales[i]!;
    if (!(error <= most)) most = error;
  }
  return most;
}
