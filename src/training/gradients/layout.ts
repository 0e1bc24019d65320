import type { Value } from "../../model/graph/graph.js";
import type { Gradient, Step, Tape } from "./tape.js";
import {
  alongAxis,
  attributeOf,
  noGradient,
  range,
  reduceSum,
  reshape,
  sizesOf,
  sliceAxis,
  transpose,
  unbroadcast,
} from "./tape.js";

/** The whole numbers of an input that lists sizes, axes or positions. */
function listOf(tape: Tape, { node, inputs }: Step, n: number): readonly number[] | undefined {
  const value = inputs[n];
  if (!value) return undefined;
  const constant = tape.constantOf(value);
  if (constant) return Array.from(constant.data, Number);
  if (value.content?.every((size) => typeof size === "number")) return value.content as readonly number[];
  return noGradient(node, `its input ${value.name} is not known while the graph is built.`);
}

const sameElements: Gradient = (tape, { dy, inputs }) => [reshape(tape, dy, sizesOf(inputs[0]!))];

const concat: Gradient = (tape, { node, dy, inputs, wants }) => {
  const rank = dy.shape.length;
  const axis = (attributeOf(node, "axis", "int", 0) + rank) % rank;
  let start = 0;
  return inputs.map((part, n) => {
    const end = start + sizesOf(part!)[axis]!;
    const slice = wants(n) ? sliceAxis(tape, dy, axis, start, end) : undefined;
    start = end;
    return slice;
  });
};

const slice: Gradient = (tape, step) => {
  const sizes = sizesOf(step.inputs[0]!);
  const starts = listOf(tape, step, 1)!;
  const axes = listOf(tape, step, 3) ?? range(starts.length);
  const steps = listOf(tape, step, 4) ?? starts.map(() => 1);
  const before = sizes.map(() => 0);
  const after = sizes.map(() => 0);
  let dx = step.dy;
  axes.forEach((given, n) => {
    const axis = (given + sizes.length) % sizes.length;
    const [size, stride] = [sizes[axis]!, steps[n]!];
    if (stride < 1) noGradient(step.node, "it runs backwards.");
    const start = Math.min(Math.max(starts[n]! < 0 ? starts[n]! + size : starts[n]!, 0), size);
    if (stride > 1) dx = spread(tape, dx, axis, stride);
    before[axis] = start;
    after[axis] = size - start - sizesOf(dx)[axis]!;
  });
  // Zeros after the last taken element may reach beyond the end: there a negative pad crops.
  return [tape.b.node("Pad", [dx, tape.ints([...before, ...after])])];
};

/** Puts stride − 1 zeros after each element along an axis. */
function spread(tape: Tape, x: Value, axis: number, stride: number): Value {
  const sizes = sizesOf(x);
  const apart = reshape(tape, x, sizes.toSpliced(axis + 1, 0, 1));
  const after = Array.from({ length: 2 * (sizes.length + 1) }, (_, n) => (n === sizes.length + 1 + axis + 1 ? stride - 1 : 0));
  return reshape(tape, tape.b.node("Pad", [apart, tape.ints(after)]), sizes.with(axis, sizes[axis]! * stride));
}

const transposed: Gradient = (tape, { node, dy }) => {
  const rank = dy.shape.length;
  const perm = attributeOf(node, "perm", "ints", range(rank).toReversed());
  return [
    transpose(
      tape,
      dy,
      range(rank).map((axis) => perm.indexOf(axis)),
    ),
  ];
};

/** Positions along an axis that is picked from: a product with the 0-1 matrix that picks. */
const gather: Gradient = (tape, step) => {
  const { node, inputs, dy } = step;
  const sizes = sizesOf(inputs[0]!);
  const axis = (attributeOf(node, "axis", "int", 0) + sizes.length) % sizes.length;
  const picks = listOf(tape, step, 1)!;
  const matrix = new Float32Array(sizes[axis]! * picks.length);
  for (const [n, pick] of picks.entries()) matrix[((pick + sizes[axis]!) % sizes[axis]!) * picks.length + n] = 1;
  const joined = reshape(tape, dy, [...sizes.slice(0, axis), picks.length, ...sizes.slice(axis + 1)]);
  return [alongAxis(tape, joined, axis, matrix, sizes[axis]!)];
};

const pad: Gradient = (tape, step) => {
  const { node, inputs } = step;
  const sizes = sizesOf(inputs[0]!);
  const pads = listOf(tape, step, 1)!;
  const axes = listOf(tape, step, 3)?.map((axis) => (axis + sizes.length) % sizes.length) ?? range(sizes.length);
  const mode = attributeOf(node, "mode", "string", "constant");
  let dx = step.dy;
  axes.forEach((axis, n) => {
    const [before, after] = [pads[n]!, pads[n + axes.length]!];
    if (before !== 0 || after !== 0) dx = unpadded(tape, step, dx, axis, before, after, mode);
  });
  return [dx];
};

function unpadded(tape: Tape, { node, inputs }: Step, dy: Value, axis: number, before: number, after: number, mode: string) {
  const size = sizesOf(inputs[0]!)[axis]!;
  const total = size + before + after;
  if (mode === "constant") {
    if (before >= 0 && after >= 0) return sliceAxis(tape, dy, axis, before, before + size);
    const pads = Array.from({ length: 2 * dy.shape.length }, (_, n) =>
      n === axis ? -before : n === axis + dy.shape.length ? -after : 0,
    );
    return tape.b.node("Pad", [dy, tape.ints(pads)]);
  }
  if (before < 0 || after < 0) noGradient(node, "it crops with a border that isn't constant.");
  if (mode === "edge" && size > 1) return edgeUnpadded(tape, dy, axis, before, after);
  // Where each border voxel comes from.
  const matrix = new Float32Array(size * total);
  for (let n = 0; n < total; n++) matrix[sourceOf(n - before, size, mode) * total + n] = 1;
  return alongAxis(tape, dy, axis, matrix, size);
}

function sourceOf(at: number, size: number, mode: string): number {
  if (mode === "edge") return Math.min(Math.max(at, 0), size - 1);
  if (mode === "wrap") return ((at % size) + size) % size;
  const period = Math.max(2 * (size - 1), 1);
  const within = ((at % period) + period) % period;
  return within < size ? within : period - within;
}

/** The first voxel gets the sum over the border before it too, the last one that after it. */
function edgeUnpadded(tape: Tape, dy: Value, axis: number, before: number, after: number): Value {
  const total = sizesOf(dy)[axis]!;
  const sumOf = (start: number, end: number) => {
    const part = sliceAxis(tape, dy, axis, start, end);
    return end - start === 1 ? part : reduceSum(tape, part, [axis], true);
  };
  const middle = total - before - after > 2 ? [sliceAxis(tape, dy, axis, before + 1, total - after - 1)] : [];
  const parts = [sumOf(0, before + 1), ...middle, sumOf(total - after - 1, total)];
  return tape.b.node("Concat", parts, { axis: { int: axis } });
}

const resize: Gradient = (tape, { node, inputs, dy }) => {
  const [from, to] = [sizesOf(inputs[0]!), sizesOf(dy)];
  const mode = attributeOf(node, "mode", "string", "nearest");
  const centres = attributeOf(node, "coordinate_transformation_mode", "string", "half_pixel");
  const rounding = attributeOf(node, "nearest_mode", "string", "round_prefer_floor");
  if (
    !(mode === "linear" && centres === "half_pixel") &&
    !(mode === "nearest" && centres === "asymmetric" && rounding === "floor")
  )
    noGradient(node, `mode ${mode} with ${centres} coordinates has no rule.`);
  let dx = dy;
  // The last axis first, as long rows times a small matrix; each one after it has less to do.
  for (const axis of range(from.length).toReversed()) {
    if (from[axis] === to[axis]) continue;
    const matrix = (mode === "linear" ? linearWeights : nearestWeights)(from[axis]!, to[axis]!);
    dx = alongAxis(tape, dx, axis, matrix, from[axis]!);
  }
  return [dx];
};

/** Transposed weights [from, to] of linear resampling with half-pixel centres and a clamped border. */
function linearWeights(from: number, to: number): Float32Array {
  const matrix = new Float32Array(from * to);
  for (let n = 0; n < to; n++) {
    const at = Math.min(Math.max(((n + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(at);
    matrix[low * to + n]! += 1 - (at - low);
    if (low + 1 < from) matrix[(low + 1) * to + n]! += at - low;
  }
  return matrix;
}

function nearestWeights(from: number, to: number): Float32Array {
  const matrix = new Float32Array(from * to);
  for (let n = 0; n < to; n++) matrix[Math.min(Math.floor((n * from) / to), from - 1) * to + n] = 1;
  return matrix;
}

const tile: Gradient = (tape, step) => {
  const sizes = sizesOf(step.inputs[0]!);
  const repeats = listOf(tape, step, 1)!;
  const apart = reshape(
    tape,
    step.dy,
    sizes.flatMap((size, axis) => [repeats[axis]!, size]),
  );
  const copies = range(sizes.length).map((axis) => 2 * axis);
  return [reshape(tape, reduceSum(tape, apart, copies), sizes)];
};

const none: Gradient = (_, { inputs }) => inputs.map(() => undefined);

export const layoutGradients: Readonly<Record<string, Gradient>> = {
  Cast: (_, { node, dy, inputs }) => [
    inputs[0]!.type === "float32" && dy.type === "float32" ? dy : noGradient(node, "it changes the element type."),
  ],
  Shape: none,
  Concat: concat,
  Slice: slice,
  Gather: gather,
  Reshape: sameElements,
  Unsqueeze: sameElements,
  Squeeze: sameElements,
  Flatten: sameElements,
  Transpose: transposed,
  Range: none,
  Expand: (tape, { dy, inputs }) => [unbroadcast(tape, dy, inputs[0]!)],
  Pad: pad,
  Resize: resize,
  Tile: tile,
};
