import {
  commonSize,
  type Dim,
  type ElementType,
  fail,
  floorDivide,
  formatShape,
  type InferenceContext,
  input,
  intAttribute,
  intsAttribute,
  joinContents,
  type Operator,
  plus,
  stringAttribute,
  times,
  unknownSize,
} from "../graph.js";
import { broadcast } from "./elementwise.js";
import { axisOf, contentOf, numbersOf, sizesIn } from "./reduction.js";
import { roundedContent, scaledSize } from "./sizes.js";

const elements = (shape: readonly Dim[]): number | undefined =>
  shape.every((size) => typeof size === "number") ? (shape as readonly number[]).reduce((a, b) => a * b, 1) : undefined;

/** The data type codes of ONNX, as `Cast` names them. */
export const TYPE_CODES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

const isNumber = (type: ElementType | undefined) => type === "int64" || type === "float32" || type === "float64";

const cast: Operator = {
  infer: (context) => {
    const { shape, content } = input(context, 0);
    const code = intAttribute(context, "to", 0);
    const type = (Object.keys(TYPE_CODES) as ElementType[]).find((name) => TYPE_CODES[name] === code);
    return [
      {
        type: type ?? fail(context, `element type ${code} is not known to the builder.`),
        shape,
        ...(content && isNumber(type) && { content: type === "int64" ? roundedContent(context, Math.trunc)! : content }),
      },
    ];
  },
};

const shapeOf: Operator = {
  infer: (context) => {
    const { shape } = input(context, 0);
    const part = shape.slice(intAttribute(context, "start", 0), intAttribute(context, "end", shape.length));
    return [{ type: "int64", shape: [part.length], content: part }];
  },
};

const concat: Operator = {
  infer: (context) => {
    const parts = context.inputs.map((_, n) => input(context, n));
    const [first] = parts;
    const axis = axisOf(context, intAttribute(context, "axis", 0), first!.shape.length);
    let total: Dim = 0;
    for (const { shape, type } of parts) {
      if (type !== first!.type) fail(context, `it joins ${first!.type} and ${type}.`);
      if (
        shape.length !== first!.shape.length ||
        shape.some((size, n) => n !== axis && commonSize(size, first!.shape[n]!) === undefined)
      )
        fail(context, `${parts.map((part) => formatShape(part.shape)).join(" and ")} differ beside axis ${axis}.`);
      const size: Dim = shape[axis]!;
      total =
        typeof size === "number" ? plus(total, size) : typeof total === "number" ? plus(size, total) : `(${total} + ${size})`;
    }
    const sharedSize = (n: number) => parts.map(({ shape }) => shape[n]!).reduce((size, own) => commonSize(size, own) ?? size);
    const content = axis === 0 ? joinContents(parts.map((part) => part.content)) : undefined;
    return [
      { type: first!.type, shape: first!.shape.map((_, n) => (n === axis ? total : sharedSize(n))), ...(content && { content }) },
    ];
  },
};

const slice: Operator = {
  infer: (context) => {
    const x = input(context, 0);
    const [starts, ends] = [sizesIn(context, 1), sizesIn(context, 2)];
    const axes = context.inputs[3] ? numbersOf(context, 3) : starts.map((_, n) => n);
    const steps = context.inputs[4] ? sizesIn(context, 4) : starts.map(() => 1);
    const shape = [...x.shape];
    let content = x.content;
    axes.forEach((given, n) => {
      const axis = axisOf(context, given, shape.length);
      const [start, end, step] = [starts[n]!, ends[n]!, steps[n]!];
      const known = typeof start === "number" && typeof end === "number" && typeof step === "number";
      shape[axis] = known ? slicedSize(context, axis, shape[axis]!, start, end, step) : unknownSize(context, axis);
      content = known && step === 1 ? content?.slice(start, end) : undefined;
    });
    return [{ type: x.type, shape, ...(content && { content }) }];
  },
};

function slicedSize(context: InferenceContext, axis: number, size: Dim, start: number, end: number, step: number): Dim {
  if (typeof size === "number") {
    const at = (position: number, low: number, high: number) =>
      Math.min(high, Math.max(low, position < 0 ? position + size : position));
    const span = step > 0 ? at(end, 0, size) - at(start, 0, size) : at(start, 0, size - 1) - at(end, -1, size - 1);
    return Math.max(0, Math.ceil(span / Math.abs(step)));
  }
  // Of a name only what goes from start ≥ 0 to an end that is counted from the far end, or lies beyond it.
  if (step < 1 || start < 0 || (end >= 0 && end < 2 ** 31 - 1)) return unknownSize(context, axis);
  const span = plus(size, Math.min(end, 0) - start);
  return step === 1 ? span : floorDivide(plus(span, step - 1), step);
}

const gather: Operator = {
  infer: (context) => {
    const [x, indices] = [input(context, 0), input(context, 1)];
    const axis = axisOf(context, intAttribute(context, "axis", 0), x.shape.length);
    // A position in a list of sizes; out of range it is refused at run time.
    const content = x.content && indices.content?.map((n) => x.content!.at(Number(n)) ?? 0);
    return [
      {
        type: x.type,
        shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
        ...(content && { content }),
      },
    ];
  },
};

const reshape: Operator = {
  infer: (context) => {
    const x = input(context, 0);
    const shape = sizesIn(context, 1).map((size, n) =>
      size === 0 ? (x.shape[n] ?? fail(context, `axis ${n} is copied from ${formatShape(x.shape)}.`)) : size,
    );
    const open = shape.indexOf(-1);
    if (open >= 0) shape[open] = openSize(context, open, x.shape, shape.toSpliced(open, 1));
    const [before, after] = [elements(x.shape), elements(shape)];
    if (before !== undefined && after !== undefined && before !== after)
      fail(context, `${formatShape(x.shape)} can't be reshaped to ${formatShape(shape)}.`);
    return [{ type: x.type, shape }];
  },
};

/** The size behind a −1: what is left after sizes that stand on both sides are struck out, and numbers divided by numbers. */
function openSize(context: InferenceContext, axis: number, from: readonly Dim[], others: readonly Dim[]): Dim {
  const left = [...from];
  const unmatched: Dim[] = [];
  for (const size of others) {
    const at = left.indexOf(size);
    if (at >= 0) left.splice(at, 1);
    else if (size !== 1) unmatched.push(size);
  }
  const divisor = elements(unmatched);
  const names = left.filter((size) => typeof size === "string");
  const number = elements(left.filter((size) => typeof size === "number"))!;
  if (divisor === undefined) return unknownSize(context, axis);
  const whole = number % divisor === 0;
  if (names.length === 0)
    return whole
      ? number / divisor
      : fail(context, `${formatShape(from)} can't be reshaped to ${formatShape(others)} and one more axis.`);
  const factors = whole && number !== divisor ? [number / divisor, ...names] : names;
  return whole ? `(${factors.join(" * ")})` : unknownSize(context, axis);
}

const transpose: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    const order = intsAttribute(context, "perm") ?? shape.map((_, n) => shape.length - 1 - n);
    if ([...order].sort((a, b) => a - b).some((axis, n) => axis !== n) || order.length !== shape.length)
      fail(context, `${formatShape(order)} is not an order of ${shape.length} axes.`);
    return [{ type, shape: order.map((axis) => shape[axis]!) }];
  },
};

const unsqueeze: Operator = {
  infer: (context) => {
    const { type, shape, content } = input(context, 0);
    const axes = numbersOf(context, 1);
    const rank = shape.length + axes.length;
    const ones = new Set(axes.map((axis) => axisOf(context, axis, rank)));
    const rest = [...shape];
    return [
      {
        type,
        shape: Array.from({ length: rank }, (_, axis) => (ones.has(axis) ? 1 : rest.shift()!)),
        ...(content && { content }),
      },
    ];
  },
};

const squeeze: Operator = {
  infer: (context) => {
    const { type, shape, content } = input(context, 0);
    const given = context.inputs[1] ? numbersOf(context, 1) : [...shape.keys()].filter((axis) => shape[axis] === 1);
    const axes = new Set(given.map((axis) => axisOf(context, axis, shape.length)));
    for (const axis of axes)
      if (commonSize(shape[axis]!, 1) === undefined) fail(context, `axis ${axis} of ${formatShape(shape)} is not 1.`);
    return [{ type, shape: shape.filter((_, axis) => !axes.has(axis)), ...(content && { content }) }];
  },
};

/** All axes before `axis` become one, and all from it on another. */
const flatten: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    const given = intAttribute(context, "axis", 1);
    const axis = given < 0 ? given + shape.length : given;
    const joined = (part: readonly Dim[]) => elements(part) ?? (part.length === 1 ? part[0]! : `(${part.join(" * ")})`);
    return [{ type, shape: [joined(shape.slice(0, axis)), joined(shape.slice(axis))] }];
  },
};

/** start, start + delta, … below the limit. Where the limit is a size that is still a name, start is 0 and delta 1. */
const range: Operator = {
  infer: (context) => {
    const [start, limit, delta] = [0, 1, 2].map((n) =>
      input(context, n).shape.length === 0 ? contentOf(context, n)[0]! : fail(context, `input ${n} is not a single number.`),
    ) as [Dim, Dim, Dim];
    const { type } = input(context, 1);
    if (start === 0 && delta === 1) return [{ type, shape: [limit] }];
    if (typeof start !== "number" || typeof limit !== "number" || typeof delta !== "number")
      return [{ type, shape: [unknownSize(context, 0)] }];
    return [{ type, shape: [Math.max(0, Math.ceil((limit - start) / delta))] }];
  },
};

const expand: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    return [{ type, shape: broadcast(context, shape, sizesIn(context, 1)) }];
  },
};

const pad: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    const pads = sizesIn(context, 1);
    const axes = context.inputs[3] ? numbersOf(context, 3).map((axis) => axisOf(context, axis, shape.length)) : [...shape.keys()];
    if (pads.length !== 2 * axes.length) fail(context, `${pads.length} pads do not fit ${axes.length} axes.`);
    return [
      {
        type,
        shape: shape.map((size, axis) => {
          const at = axes.indexOf(axis);
          if (at < 0) return size;
          const [before, after] = [pads[at]!, pads[at + axes.length]!];
          return typeof before === "number" && typeof after === "number"
            ? plus(size, before + after)
            : unknownSize(context, axis);
        }),
      },
    ];
  },
};

/** Sizes are given by `sizes` (input 3), or by `scales` (input 2). */
const resize: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    const mode = stringAttribute(context, "mode", "nearest");
    if (mode !== "nearest" && mode !== "linear") fail(context, `mode ${mode} is not known to the builder.`);
    const axes = intsAttribute(context, "axes")?.map((axis) => axisOf(context, axis, shape.length)) ?? [...shape.keys()];
    const given = context.inputs[3] ? 3 : 2;
    const values = sizesIn(context, given);
    if (values.length !== axes.length) fail(context, `${values.length} sizes do not fit ${axes.length} axes.`);
    const stretched = stringAttribute(context, "keep_aspect_ratio_policy", "stretch") === "stretch";
    const resized = [...shape];
    axes.forEach((axis, n) => {
      if (!stretched) resized[axis] = unknownSize(context, axis);
      else resized[axis] = given === 3 ? values[n]! : scaledSize(context, axis, shape[axis]!, values[n]);
    });
    return [{ type, shape: resized }];
  },
};

const tile: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    const repeats = sizesIn(context, 1);
    const repeated = (size: Dim, n: Dim, axis: number) =>
      typeof n === "number" ? times(size, n) : size === 1 ? n : unknownSize(context, axis);
    return [{ type, shape: shape.map((size, axis) => repeated(size, repeats[axis] ?? 1, axis)) }];
  },
};

export const layoutOperators = {
  Cast: cast,
  Shape: shapeOf,
  Concat: concat,
  Slice: slice,
  Gather: gather,
  Reshape: reshape,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Flatten: flatten,
  Range: range,
  Expand: expand,
  Pad: pad,
  Resize: resize,
  Tile: tile,
} satisfies Record<string, Operator>;
