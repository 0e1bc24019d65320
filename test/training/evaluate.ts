import type { Graph, Node } from "../../src/model/graph/graph.js";

/** A slow and obvious evaluator of ONNX graphs in float64, the oracle of the gradient rules: whole numbers and truth values are numbers too. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const count = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
const modulo = (n: number, m: number) => ((n % m) + m) % m;

/** An array whose element at each index is what `at` says. */
function build(shape: readonly number[], at: (index: readonly number[]) => number): Array64 {
  const data = new Float64Array(count(shape));
  const index = shape.map(() => 0);
  for (let n = 0; n < data.length; n++) {
    data[n] = at(index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, data };
}

const at = ({ shape, data }: Array64, index: readonly number[]) =>
  data[index.reduce((sum, n, axis) => sum * shape[axis]! + n, 0)]!;

/** As above, 0 outside. */
const inside = (x: Array64, index: readonly number[]) =>
  index.every((n, axis) => n >= 0 && n < x.shape[axis]!) ? at(x, index) : 0;

function each(shape: readonly number[], visit: (index: readonly number[]) => void): void {
  build(shape, (index) => {
    visit(index);
    return 0;
  });
}

function map(f: (...values: number[]) => number, ...inputs: readonly Array64[]): Array64 {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  const wide = inputs.map(({ shape, data }) => ({ shape: [...Array(rank - shape.length).fill(1), ...shape] as number[], data }));
  const shape = Array.from({ length: rank }, (_, axis) => {
    const sizes = wide.map((input) => input.shape[axis]!).filter((n) => n !== 1);
    return sizes[0] ?? 1;
  });
  return build(shape, (index) =>
    f(
      ...wide.map((x) =>
        at(
          x,
          index.map((n, axis) => (x.shape[axis] === 1 ? 0 : n)),
        ),
      ),
    ),
  );
}

interface Attributes {
  int(name: string, otherwise: number): number;
  ints(name: string): readonly number[] | undefined;
  float(name: string, otherwise: number): number;
  text(name: string, otherwise: string): string;
}

function attributesOf({ attributes }: Node): Attributes {
  const get = (name: string) => attributes[name] as Record<string, unknown> | undefined;
  const read =
    <K extends string>(kind: K) =>
    (name: string) =>
      (get(name)?.[kind] as never) ?? undefined;
  return {
    int: (name, otherwise) => (read("int")(name) as number | undefined) ?? otherwise,
    ints: (name) => read("ints")(name) as readonly number[] | undefined,
    float: (name, otherwise) => (read("float")(name) as number | undefined) ?? otherwise,
    text: (name, otherwise) => (read("string")(name) as string | undefined) ?? otherwise,
  };
}

type Rule = (inputs: readonly Array64[], attributes: Attributes) => Array64;

const scalar =
  (f: (...values: number[]) => number): Rule =>
  (inputs) =>
    map(f, ...inputs);

/** Sums, means … of the elements that share what is kept of their index. */
const reduction =
  (f: (values: readonly number[]) => number): Rule =>
  ([x, axes], { int }) => {
    const reduced = new Set(axes ? Array.from(axes.data, (n) => modulo(n, x!.shape.length)) : x!.shape.keys());
    const kept = x!.shape.map((n, axis) => (reduced.has(axis) ? 1 : n));
    const groups = build(kept, () => 0);
    const members: number[][] = Array.from(groups.data, () => []);
    each(x!.shape, (index) => {
      const place = index.reduce((sum, n, axis) => sum * kept[axis]! + (reduced.has(axis) ? 0 : n), 0);
      members[place]!.push(at(x!, index));
    });
    const data = Float64Array.from(members, f);
    return { shape: int("keepdims", 1) ? kept : x!.shape.filter((_, axis) => !reduced.has(axis)), data };
  };

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

const softmax =
  (f: (x: number, total: number) => number): Rule =>
  ([x], { int }) => {
    const axis = modulo(int("axis", -1), x!.shape.length);
    return build(x!.shape, (index) => {
      const line = Array.from({ length: x!.shape[axis]! }, (_, n) => Math.exp(at(x!, index.with(axis, n))));
      return f(at(x!, index), sum(line));
    });
  };

const windows = (shape: readonly number[], kernel: readonly number[], { ints }: Attributes) => {
  const strides = ints("strides") ?? kernel.map(() => 1);
  const pads = ints("pads") ?? [...kernel, ...kernel].map(() => 0);
  const size = kernel.map((k, a) => Math.floor((shape[a + 2]! + pads[a]! + pads[a + kernel.length]! - k) / strides[a]!) + 1);
  const place = (out: readonly number[], tap: readonly number[]) => tap.map((t, a) => out[a]! * strides[a]! + t - pads[a]!);
  return { strides, pads, size, place };
};

const conv: Rule = ([x, w, bias], attributes) => {
  const kernel = w!.shape.slice(2);
  const { size, place } = windows(x!.shape, kernel, attributes);
  return build([x!.shape[0]!, w!.shape[0]!, ...size], ([n, o, ...out]) => {
    let total = bias ? bias.data[o!]! : 0;
    for (let c = 0; c < w!.shape[1]!; c++)
      each(kernel, (tap) => {
        total += at(w!, [o!, c, ...tap]) * inside(x!, [n!, c, ...place(out, tap)]);
      });
    return total;
  });
};

const convTranspose: Rule = ([x, w, bias], attributes) => {
  const kernel = w!.shape.slice(2);
  const { strides, pads, place } = windows(x!.shape, kernel, attributes);
  const extra = attributes.ints("output_padding") ?? kernel.map(() => 0);
  const size = kernel.map((k, a) => (x!.shape[a + 2]! - 1) * strides[a]! + k - pads[a]! - pads[a + kernel.length]! + extra[a]!);
  const y = build([x!.shape[0]!, w!.shape[1]!, ...size], ([, o]) => (bias ? bias.data[o!]! : 0));
  each(x!.shape, ([n, c, ...from]) =>
    each([w!.shape[1]!, ...kernel], ([o, ...tap]) => {
      const to = place(from, tap);
      if (to.some((v, a) => v < 0 || v >= size[a]!)) return;
      y.data[[n!, o!, ...to].reduce((s, v, axis) => s * y.shape[axis]! + v, 0)]! +=
        at(x!, [n!, c!, ...from]) * at(w!, [c!, o!, ...tap]);
    }),
  );
  return y;
};

const pool =
  (f: (values: readonly number[], attributes: Attributes, taps: number) => number): Rule =>
  ([x], attributes) => {
    const kernel = attributes.ints("kernel_shape")!;
    const { size, place } = windows(x!.shape, kernel, attributes);
    return build([x!.shape[0]!, x!.shape[1]!, ...size], ([n, c, ...out]) => {
      const values: number[] = [];
      each(kernel, (tap) => {
        const from = place(out, tap);
        if (from.every((v, a) => v >= 0 && v < x!.shape[a + 2]!)) values.push(at(x!, [n!, c!, ...from]));
      });
      return f(values, attributes, count(kernel));
    });
  };

const instanceNorm: Rule = ([x, scale, bias], { float }) => {
  const [batch, channels, ...space] = x!.shape as [number, number, ...number[]];
  const voxels = count(space);
  const y = new Float64Array(x!.data.length);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++) {
      const from = (n * channels + c) * voxels;
      const part = Array.from(x!.data.subarray(from, from + voxels));
      const mean = sum(part) / voxels;
      const sd = Math.sqrt(sum(part.map((v) => (v - mean) ** 2)) / voxels + float("epsilon", 1e-5));
      part.forEach((v, i) => {
        y[from + i] = (scale!.data[c]! * (v - mean)) / sd + bias!.data[c]!;
      });
    }
  return { shape: x!.shape, data: y };
};

const matMul = (a: Array64, b: Array64): Array64 => {
  const batch = map(
    () => 0,
    { shape: [...a.shape.slice(0, -2)], data: new Float64Array(count(a.shape.slice(0, -2))) },
    {
      shape: [...b.shape.slice(0, -2)],
      data: new Float64Array(count(b.shape.slice(0, -2))),
    },
  ).shape;
  const of = (x: Array64, outer: readonly number[], row: number, column: number) => {
    const own = x.shape.slice(0, -2);
    const lead = outer.slice(outer.length - own.length).map((n, axis) => (own[axis] === 1 ? 0 : n));
    return at(x, [...lead, row, column]);
  };
  return build([...batch, a.shape.at(-2)!, b.shape.at(-1)!], (index) => {
    const [row, column] = [index.at(-2)!, index.at(-1)!];
    const outer = index.slice(0, -2);
    return sum(Array.from({ length: a.shape.at(-1)! }, (_, n) => of(a, outer, row, n) * of(b, outer, n, column)));
  });
};

const permuted = (x: Array64, perm: readonly number[]) =>
  build(
    perm.map((axis) => x.shape[axis]!),
    (index) =>
      at(
        x,
        x.shape.map((_, axis) => index[perm.indexOf(axis)]!),
      ),
  );

const pad: Rule = ([x, pads, value, axes], { text }) => {
  const rank = x!.shape.length;
  const own = axes ? Array.from(axes.data, (n) => modulo(n, rank)) : [...x!.shape.keys()];
  const before = x!.shape.map((_, axis) => (own.includes(axis) ? pads!.data[own.indexOf(axis)]! : 0));
  const after = x!.shape.map((_, axis) => (own.includes(axis) ? pads!.data[own.indexOf(axis) + own.length]! : 0));
  const shape = x!.shape.map((n, axis) => n + before[axis]! + after[axis]!);
  const mode = text("mode", "constant");
  return build(shape, (index) => {
    const from = index.map((n, axis) => n - before[axis]!);
    if (mode === "constant") return from.every((n, a) => n >= 0 && n < x!.shape[a]!) ? at(x!, from) : (value?.data[0] ?? 0);
    return at(
      x!,
      from.map((n, axis) => {
        const size = x!.shape[axis]!;
        if (mode === "edge") return Math.min(Math.max(n, 0), size - 1);
        if (mode === "wrap") return modulo(n, size);
        let m = n;
        while (m < 0 || m >= size) m = m < 0 ? -m : 2 * (size - 1) - m;
        return m;
      }),
    );
  });
};

const resize: Rule = ([x, , , sizes], { text }) => {
  const linear = text("mode", "nearest") === "linear";
  const shape = Array.from(sizes!.data);
  return build(shape, (index) => {
    const corners = index.reduce<readonly (readonly [readonly number[], number])[]>(
      (list, n, axis) => {
        const size = x!.shape[axis]!;
        const scale = size / shape[axis]!;
        if (!linear || scale === 1)
          return list.map(([to, w]) => [[...to, Math.min(Math.floor(n * scale), size - 1)], w] as const);
        const place = Math.min(Math.max((n + 0.5) * scale - 0.5, 0), size - 1);
        const low = Math.floor(place);
        const high = Math.min(low + 1, size - 1);
        return list.flatMap(([to, w]) => [
          [[...to, low], w * (1 - place + low)] as const,
          [[...to, high], w * (place - low)] as const,
        ]);
      },
      [[[], 1]],
    );
    return sum(corners.map(([from, weight]) => weight * at(x!, from)));
  });
};

const slice: Rule = ([x, starts, ends, axes, steps]) => {
  const first = x!.shape.map(() => 0);
  const stride = x!.shape.map(() => 1);
  const shape = [...x!.shape];
  starts!.data.forEach((start, n) => {
    const axis = modulo(axes?.data[n] ?? n, shape.length);
    const size = x!.shape[axis]!;
    const step = steps?.data[n] ?? 1;
    const clamp = (v: number) => Math.min(Math.max(v < 0 ? v + size : v, 0), size);
    first[axis] = clamp(start);
    stride[axis] = step;
    shape[axis] = Math.max(0, Math.ceil((clamp(ends!.data[n]!) - clamp(start)) / step));
  });
  return build(shape, (index) =>
    at(
      x!,
      index.map((n, axis) => first[axis]! + n * stride[axis]!),
    ),
  );
};

const reshaped = (x: Array64, wanted: readonly number[]): Array64 => {
  const shape = wanted.map((n, axis) => (n === 0 ? x.shape[axis]! : n));
  const open = shape.indexOf(-1);
  if (open >= 0) shape[open] = x.data.length / count(shape.toSpliced(open, 1));
  return { shape, data: x.data };
};

const erf = (x: number) => {
  // Its power series, which is exact enough for |x| < 3.
  let [term, total] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
};

const rules: Readonly<Record<string, Rule>> = {
  Identity: ([x]) => x!,
  Neg: scalar((x) => -x!),
  Abs: scalar((x) => Math.abs(x!)),
  Sign: scalar((x) => Math.sign(x!)),
  Exp: scalar((x) => Math.exp(x!)),
  Log: scalar((x) => Math.log(x!)),
  Sqrt: scalar((x) => Math.sqrt(x!)),
  Reciprocal: scalar((x) => 1 / x!),
  Floor: scalar((x) => Math.floor(x!)),
  Ceil: scalar((x) => Math.ceil(x!)),
  Erf: scalar((x) => erf(x!)),
  Sin: scalar((x) => Math.sin(x!)),
  Cos: scalar((x) => Math.cos(x!)),
  Asinh: scalar((x) => Math.asinh(x!)),
  Relu: scalar((x) => Math.max(x!, 0)),
  LeakyRelu: ([x], { float }) => map((v) => (v! > 0 ? v! : v! * float("alpha", 0.01)), x!),
  Elu: ([x], { float }) => map((v) => (v! > 0 ? v! : float("alpha", 1) * Math.expm1(v!)), x!),
  PRelu: scalar((x, slope) => (x! > 0 ? x! : x! * slope!)),
  Sigmoid: scalar((x) => 1 / (1 + Math.exp(-x!))),
  Tanh: scalar((x) => Math.tanh(x!)),
  Softplus: scalar((x) => Math.log1p(Math.exp(x!))),
  Clip: scalar((x, low = -Infinity, high = Infinity) => Math.min(Math.max(x!, low), high)),
  Add: scalar((x, y) => x! + y!),
  Sub: scalar((x, y) => x! - y!),
  Mul: scalar((x, y) => x! * y!),
  Div: scalar((x, y) => x! / y!),
  Pow: scalar((x, y) => x! ** y!),
  Min: scalar((...values) => Math.min(...values)),
  Max: scalar((...values) => Math.max(...values)),
  Greater: scalar((x, y) => Number(x! > y!)),
  GreaterOrEqual: scalar((x, y) => Number(x! >= y!)),
  Less: scalar((x, y) => Number(x! < y!)),
  LessOrEqual: scalar((x, y) => Number(x! <= y!)),
  Where: scalar((condition, yes, no) => (condition ? yes! : no!)),
  ReduceSum: reduction(sum),
  ReduceMean: reduction((values) => sum(values) / values.length),
  ReduceMax: reduction((values) => Math.max(...values)),
  ReduceMin: reduction((values) => Math.min(...values)),
  ReduceSumSquare: reduction((values) => sum(values.map((v) => v * v))),
  ReduceL2: reduction((values) => Math.hypot(...values)),
  Softmax: softmax((x, total) => Math.exp(x) / total),
  LogSoftmax: softmax((x, total) => x - Math.log(total)),
  MatMul: ([a, b]) => matMul(a!, b!),
  Gemm: ([a, b, c], { int, float }) => {
    const side = (x: Array64, name: string) => (int(name, 0) ? permuted(x, [1, 0]) : x);
    const product = map((v) => v! * float("alpha", 1), matMul(side(a!, "transA"), side(b!, "transB")));
    return c ? map((v, offset) => v! + float("beta", 1) * offset!, product, c) : product;
  },
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool((values) => Math.max(...values)),
  AveragePool: pool((values, { int }, taps) => sum(values) / (int("count_include_pad", 0) ? taps : values.length)),
  GlobalAveragePool: ([x]) => {
    const voxels = count(x!.shape.slice(2));
    return build([...x!.shape.slice(0, 2), ...x!.shape.slice(2).map(() => 1)], ([n, c]) => {
      const from = (n! * x!.shape[1]! + c!) * voxels;
      return sum(Array.from(x!.data.subarray(from, from + voxels))) / voxels;
    });
  },
  InstanceNormalization: instanceNorm,
  BatchNormalization: ([x, ...numbers], { float }) => {
    const [scale, bias, mean, variance] = numbers.map((v) => ({
      shape: [v.data.length, ...x!.shape.slice(2).map(() => 1)],
      data: v.data,
    }));
    const epsilon = float("epsilon", 1e-5);
    return map((v, s, o, m, q) => (s! * (v! - m!)) / Math.sqrt(q! + epsilon) + o!, x!, scale!, bias!, mean!, variance!);
  },
  Cast: ([x]) => x!,
  Shape: ([x], { int }) => {
    const part = x!.shape.slice(int("start", 0), int("end", x!.shape.length));
    return { shape: [part.length], data: Float64Array.from(part) };
  },
  Concat: (inputs, { int }) => {
    const axis = modulo(int("axis", 0), inputs[0]!.shape.length);
    const total = sum(inputs.map(({ shape }) => shape[axis]!));
    const starts = inputs.map((_, n) => sum(inputs.slice(0, n).map(({ shape }) => shape[axis]!)));
    return build(inputs[0]!.shape.with(axis, total), (index) => {
      const part = starts.findLastIndex((start) => start <= index[axis]!);
      return at(inputs[part]!, index.with(axis, index[axis]! - starts[part]!));
    });
  },
  Slice: slice,
  Gather: ([x, indices], { int }) => {
    const axis = modulo(int("axis", 0), x!.shape.length);
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
    return build(shape, (index) => {
      const pick = at(indices!, index.slice(axis, axis + indices!.shape.length));
      return at(x!, [...index.slice(0, axis), modulo(pick, x!.shape[axis]!), ...index.slice(axis + indices!.shape.length)]);
    });
  },
  Reshape: ([x, shape]) => reshaped(x!, Array.from(shape!.data)),
  Transpose: ([x], { ints }) => permuted(x!, ints("perm") ?? [...x!.shape.keys()].reverse()),
  Unsqueeze: ([x, axes]) => {
    const rank = x!.shape.length + axes!.data.length;
    const ones = new Set(Array.from(axes!.data, (n) => modulo(n, rank)));
    const rest = [...x!.shape];
    return { shape: Array.from({ length: rank }, (_, n) => (ones.has(n) ? 1 : rest.shift()!)), data: x!.data };
  },
  Squeeze: ([x, axes]) => {
    const ones = new Set(Array.from(axes!.data, (n) => modulo(n, x!.shape.length)));
    return { shape: x!.shape.filter((_, n) => !ones.has(n)), data: x!.data };
  },
  Flatten: ([x], { int }) => {
    const rows = count(x!.shape.slice(0, int("axis", 1)));
    return { shape: [rows, x!.data.length / rows], data: x!.data };
  },
  Expand: ([x, shape]) =>
    map(
      (v) => v!,
      x!,
      build(Array.from(shape!.data), () => 0),
    ),
  Pad: pad,
  Resize: resize,
  Tile: ([x, repeats]) =>
    build(
      x!.shape.map((n, axis) => n * repeats!.data[axis]!),
      (index) =>
        at(
          x!,
          index.map((n, axis) => n % x!.shape[axis]!),
        ),
    ),
};

/** All values of a graph by their names. `numbers` takes the place of initializers and feeds the inputs. */
export function evaluate(graph: Graph, numbers: Readonly<Record<string, Array64>>): ReadonlyMap<string, Array64> {
  const values = new Map<string, Array64>();
  for (const [name, { shape, data }] of graph.initializers)
    values.set(name, { shape, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) });
  for (const [name, value] of Object.entries(numbers)) values.set(name, value);
  for (const node of graph.nodes) {
    const rule = rules[node.operator];
    if (!rule) throw new Error(`no rule for ${node.operator}`);
    const inputs = node.inputs.map((name) => values.get(name) as Array64);
    values.set(node.outputs[0]!, rule(inputs, attributesOf(node)));
  }
  return values;
}
