import {
  add,
  both,
  type Code,
  divide,
  get,
  load,
  loadFloats,
  multiply,
  pairLoop,
  set,
  store,
  subtract,
  type WasmFunction,
  wasmModule,
} from "../internal/wasm.js";
import { type SimilarityConstants, similarity } from "./similarity.js";

/** How a row of the four products lies in memory, and what is done with it. */
export interface KernelOptions {
  /** Along one axis, symmetric; an odd number. */
  readonly weights: Float64Array;
  /** Numbers from one product's row to the next; a row of all four is four times as long. */
  readonly pitch: number;
  /** Numbers of memory. */
  readonly length: number;
  readonly constants: SimilarityConstants;
}

/** The inner loops of SSIM, over one block of memory. Positions count numbers of 8 bytes, those of x and y of 4. */
export interface WindowKernels {
  readonly numbers: Float64Array;
  readonly floats: Float32Array;
  /** Rows of x, y, x² + y² and xy, one pitch apart, from rows of x and y. */
  products(x: number, y: number, to: number, n: number): void;
  /** `to[i] = Σ weight·from[i + t·4·pitch]`: over rows that follow one another. */
  across(from: number, to: number, n: number): void;
  /** `to[i] = Σ weight·from[i + t]`. */
  along(from: number, to: number, n: number): void;
  /** SSIM from rows of the four products' means, one pitch apart. */
  similarities(from: number, to: number, n: number): void;
}

/**
 * In WebAssembly, two numbers at once, where that may run (a content-security policy can forbid it), else in plain loops. Both do the
 * same operations in the same order, so that results agree bit for bit. WebAssembly works on pairs: of an odd n it does one number more.
 */
export const windowKernels = (options: KernelOptions): WindowKernels => wasmKernels(options) ?? plainKernels(options);

export function plainKernels({ weights, pitch, length, constants }: KernelOptions): WindowKernels {
  const buffer = new ArrayBuffer(8 * length);
  const numbers = new Float64Array(buffer);
  const floats = new Float32Array(buffer);
  const r = (weights.length - 1) / 2;
  const correlate = (stride: number) => (from: number, to: number, n: number) => {
    for (let i = 0; i < n; i++) {
      const middle = from + i + r * stride;
      let sum = numbers[middle]! * weights[r]!;
      for (let t = 1, d = stride; t <= r; t++, d += stride)
        sum += (numbers[middle - d]! + numbers[middle + d]!) * weights[r - t]!;
      numbers[to + i] = sum;
    }
  };
  return {
    numbers,
    floats,
    products(x, y, to, n) {
      for (let i = 0; i < n; i++) {
        const a = floats[x + i]!;
        const b = floats[y + i]!;
        numbers[to + i] = a;
        numbers[to + i + pitch] = b;
        numbers[to + i + 2 * pitch] = a * a + b * b;
        numbers[to + i + 3 * pitch] = a * b;
      }
    },
    across: correlate(4 * pitch),
    along: correlate(1),
    similarities(from, to, n) {
      for (let i = from, at = to; at < to + n; i++, at++)
        numbers[at] = similarity(numbers[i]!, numbers[i + pitch]!, numbers[i + 2 * pitch]!, numbers[i + 3 * pitch]!, constants);
    },
  };
}

/** The same in WebAssembly; `undefined` where it, or its SIMD, isn't to be had. */
export function wasmKernels({ weights, pitch, length, constants }: KernelOptions): WindowKernels | undefined {
  const functions = {
    products: productsCode(pitch),
    across: correlationCode(weights, 4 * pitch),
    along: correlationCode(weights, 1),
    similarities: similarityCode(pitch, constants),
  };
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((8 * length) / 65536) });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasmModule(functions)), { environment: { memory } });
    const { products, across, along, similarities } = exports as Record<keyof typeof functions, (...addresses: number[]) => void>;
    const onPairs = (f: (...addresses: number[]) => void) => (from: number, to: number, n: number) =>
      f(8 * from, 8 * to, 8 * (to + n));
    return {
      numbers: new Float64Array(memory.buffer),
      floats: new Float32Array(memory.buffer),
      products: (x, y, to, n) => products(4 * x, 4 * y, 8 * to, 8 * (to + n)),
      across: onPairs(across),
      along: onPairs(along),
      similarities: onPairs(similarities),
    };
  } catch {
    return undefined;
  }
}

// Locals of the functions below: byte addresses first, then vectors.

function productsCode(pitch: number): WasmFunction {
  const [x, y, to, end, a, b] = [0, 1, 2, 3, 4, 5];
  const body = [
    ...[...get(x), ...loadFloats, ...set(a)],
    ...[...get(y), ...loadFloats, ...set(b)],
    ...[...get(to), ...get(a), ...store(0)],
    ...[...get(to), ...get(b), ...store(8 * pitch)],
    ...[...get(to), ...get(a), ...get(a), ...multiply, ...get(b), ...get(b), ...multiply, ...add, ...store(16 * pitch)],
    ...[...get(to), ...get(a), ...get(b), ...multiply, ...store(24 * pitch)],
  ];
  return { parameters: 4, vectors: 2, body: pairLoop(to, end, { [x]: 8, [y]: 8 }, body) };
}

function correlationCode(weights: Float64Array, stride: number): WasmFunction {
  const [from, to, end, first] = [0, 1, 2, 3];
  const r = (weights.length - 1) / 2;
  const weight = (t: number) => get(first + t);
  const at = (t: number) => [...get(from), ...load(8 * t * stride)];
  const pairs = Array.from({ length: r }, (_, t) => [
    ...at(r - 1 - t),
    ...at(r + 1 + t),
    ...add,
    ...weight(r - 1 - t),
    ...multiply,
    ...add,
  ]);
  const body = [...get(to), ...at(r), ...weight(r), ...multiply, ...pairs.flat(), ...store(0)];
  const constants = Array.from(weights.subarray(0, r + 1), (w, t) => [...both(w), ...set(first + t)]);
  return { parameters: 3, vectors: r + 1, body: [...constants.flat(), ...pairLoop(to, end, { [from]: 16 }, body)] };
}

/** The formula of {@link similarity}, in its order. */
function similarityCode(pitch: number, { c1, c2, covarianceFactor, luminance }: SimilarityConstants): WasmFunction {
  const [from, to, end, mx, my, product, square] = [0, 1, 2, 3, 4, 5, 6];
  const row = (m: number) => [...get(from), ...load(8 * m * pitch)];
  const spread = (mean: Code, ofMeans: number, factor: number) => [
    ...both(factor),
    ...mean,
    ...get(ofMeans),
    ...subtract,
    ...multiply,
    ...both(c2),
    ...add,
  ];
  const structure = [...spread(row(3), product, 2 * covarianceFactor), ...spread(row(2), square, covarianceFactor), ...divide];
  const withLuminance = [
    ...[...structure, ...both(2), ...get(product), ...multiply, ...both(c1), ...add, ...multiply],
    ...[...get(square), ...both(c1), ...add, ...divide],
  ];
  const body = [
    ...[...row(0), ...set(mx), ...row(1), ...set(my)],
    ...[...get(mx), ...get(my), ...multiply, ...set(product)],
    ...[...get(mx), ...get(mx), ...multiply, ...get(my), ...get(my), ...multiply, ...add, ...set(square)],
    ...[...get(to), ...(luminance ? withLuminance : structure), ...store(0)],
  ];
  return { parameters: 3, vectors: 4, body: pairLoop(to, end, { [from]: 16 }, body) };
}
