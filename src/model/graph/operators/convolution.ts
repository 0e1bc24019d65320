import {
  commonSize,
  type Dim,
  fail,
  failOpen,
  floorDivide,
  formatShape,
  type InferenceContext,
  input,
  intAttribute,
  intsAttribute,
  type Operator,
  plus,
  stringAttribute,
  times,
  type Value,
} from "../graph.js";

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
}

function windowOf(context: InferenceContext, rank: number, kernel: readonly number[]): Window {
  const window = {
    kernel,
    strides: intsAttribute(context, "strides") ?? kernel.map(() => 1),
    pads: intsAttribute(context, "pads") ?? [...kernel, ...kernel].map(() => 0),
    dilations: intsAttribute(context, "dilations") ?? kernel.map(() => 1),
  };
  if (
    kernel.length !== rank ||
    window.strides.length !== rank ||
    window.pads.length !== 2 * rank ||
    window.dilations.length !== rank
  )
    fail(
      context,
      `kernel ${formatShape(kernel)}, strides ${formatShape(window.strides)}, pads ${formatShape(window.pads)} and dilations ${formatShape(window.dilations)} do not fit ${rank} spatial axes.`,
    );
  return window;
}

/** Size after a window has slid along an axis: ⌊(size + pads − extent) / stride⌋ + 1. */
function slidSize(size: Dim, { kernel, strides, pads, dilations }: Window, axis: number): Dim {
  const rank = kernel.length;
  const extent = dilations[axis]! * (kernel[axis]! - 1) + 1;
  return plus(floorDivide(plus(size, pads[axis]! + pads[axis + rank]! - extent), strides[axis]!), 1);
}

/** `auto_pad` SAME_UPPER or SAME_LOWER: as many border voxels as keep the size, up to the stride; which side is the runtime's affair. */
const keepsSize = (context: InferenceContext): boolean => stringAttribute(context, "auto_pad", "NOTSET").startsWith("SAME");

/** (size + a) // 1 + 1 with a = −1 is the size again; a chain of names would hide that. */
function slid(context: InferenceContext, x: Value, window: Window): readonly Dim[] {
  return x.shape.slice(2).map((size, axis) => {
    const { strides, pads, kernel, dilations } = window;
    if (keepsSize(context)) return floorDivide(plus(size, strides[axis]! - 1), strides[axis]!);
    const change = pads[axis]! + pads[axis + kernel.length]! - dilations[axis]! * (kernel[axis]! - 1);
    if (strides[axis] === 1) return typeof size === "number" ? positive(context, size + change) : plus(size, change);
    const result = slidSize(size, window, axis);
    return typeof result === "number" ? positive(context, result) : result;
  });
}

function positive(context: InferenceContext, size: number): number {
  return size > 0 ? size : fail(context, "its input is smaller than its window.");
}

/** The sizes of a kernel's weights, which must be numbers. */
function weightShape(context: InferenceContext, { shape }: Value): readonly number[] {
  return shape.map((size) => (typeof size === "number" ? size : failOpen(context, `its weights are ${formatShape(shape)}.`)));
}

const conv: Operator = {
  infer: (context) => {
    const [x, bias] = [input(context, 0), context.inputs[2]];
    const w = weightShape(context, input(context, 1));
    const group = intAttribute(context, "group", 1);
    const [channels, outChannels] = [x.shape[1]!, w[0]!];
    if (x.shape.length < 3 || w.length !== x.shape.length)
      fail(context, `input ${formatShape(x.shape)} and weights ${formatShape(w)} need the same rank of 3 or more.`);
    if (typeof channels === "number" && channels !== w[1]! * group)
      fail(context, `the input has ${channels} channels, the weights ${formatShape(w)} want ${w[1]! * group}.`);
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outChannels))
      fail(context, `the bias ${formatShape(bias.shape)} does not fit ${outChannels} output channels.`);
    const window = windowOf(context, x.shape.length - 2, w.slice(2));
    return [{ type: x.type, shape: [x.shape[0]!, outChannels, ...slid(context, x, window)] }];
  },
};

const convTranspose: Operator = {
  infer: (context) => {
    const [x, w] = [input(context, 0), input(context, 1)];
    const { kernel, strides, pads, dilations } = windowOf(context, x.shape.length - 2, weightShape(context, w).slice(2));
    const extra = intsAttribute(context, "output_padding") ?? kernel.map(() => 0);
    if (commonSize(x.shape[1]!, w.shape[0]!) === undefined)
      fail(context, `the input has ${x.shape[1]} channels, the weights ${formatShape(w.shape)} want ${w.shape[0]}.`);
    const given = intsAttribute(context, "output_shape");
    const sizes = x.shape.slice(2).map((size, axis) => {
      if (given) return given[axis] ?? fail(context, `output_shape ${formatShape(given)} does not fit ${kernel.length} axes.`);
      const excess = extra[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1 - strides[axis]!;
      const cut = keepsSize(context) ? Math.max(0, excess) : pads[axis]! + pads[axis + kernel.length]!;
      return plus(times(size, strides[axis]!), excess - cut);
    });
    return [{ type: x.type, shape: [x.shape[0]!, times(w.shape[1]!, intAttribute(context, "group", 1)), ...sizes] }];
  },
};

const pool: Operator = {
  infer: (context) => {
    const x = input(context, 0);
    const kernel = intsAttribute(context, "kernel_shape") ?? fail(context, "kernel_shape is missing.");
    const window = windowOf(context, x.shape.length - 2, kernel);
    if (intAttribute(context, "ceil_mode", 0) !== 0) fail(context, "ceil_mode is not known to the builder.");
    return [{ type: x.type, shape: [x.shape[0]!, x.shape[1]!, ...slid(context, x, window)] }];
  },
};

const globalPool: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    return [{ type, shape: shape.map((size, axis) => (axis < 2 ? size : 1)) }];
  },
};

const instanceNormalization: Operator = {
  infer: (context) => {
    const [x, scale, bias] = [input(context, 0), input(context, 1), input(context, 2)];
    for (const { shape } of [scale, bias])
      if (shape.length !== 1 || commonSize(shape[0]!, x.shape[1]!) === undefined)
        fail(context, `scale and bias have one number a channel (${x.shape[1]}), not ${formatShape(shape)}.`);
    return [{ type: x.type, shape: x.shape }];
  },
};

/** At inference: four numbers a channel. */
const batchNormalization: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    for (let n = 1; n <= 4; n++)
      if (input(context, n).shape.length !== 1 || commonSize(input(context, n).shape[0]!, shape[1]!) === undefined)
        fail(context, `input ${n} has one number a channel (${shape[1]}), not ${formatShape(input(context, n).shape)}.`);
    if (intAttribute(context, "training_mode", 0) !== 0) fail(context, "training_mode is not known to the builder.");
    return [{ type, shape }];
  },
};

export const convolutionOperators = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: globalPool,
  InstanceNormalization: instanceNormalization,
  BatchNormalization: batchNormalization,
} satisfies Record<string, Operator>;
