import { channelsApart, firstKernel, groupOf, hasSharedKernel, productOf, windowAttribute, zerosOf } from "./denseConv.js";
import type { Initializer, Node, Value } from "./graph.js";
import { joinSizes, type Rewriter, timesSize } from "./rewrite.js";

/** How a transposed convolution runs along one axis as a convolution that gives `stride` voxels, the phases, for each of its own. */
interface Axis {
  readonly stride: number;
  /** Taps of the convolution, and their distance. */
  readonly taps: number;
  readonly dilation: number;
  readonly pads: readonly [number, number];
  /** Voxels to be cut off the result, at its beginning and its end. */
  readonly crop: readonly [number, number];
  /** Which of the given weights stands at a tap of a phase; −1 for none. */
  readonly source: (tap: number, phase: number) => number;
}

/**
 * Output o of a transposed convolution with stride s is Σₜ w[t] · x[i] over all t, i with o + p = s·i + d·t. Written as o + p = s·q + r, only the
 * weights with d·t = r + s·m, m = 0, 1, …, take part, at x[q − m]: for each phase r an ordinary convolution over q, with ⌈kernel / s⌉ taps.
 */
function axisOf(kernel: number, stride: number, dilation: number, pads: readonly [number, number], extra: number): Axis {
  const extent = dilation * (kernel - 1) + 1;
  const single = stride === 1;
  const taps = single ? kernel : Math.ceil(extent / stride);
  const reach = single ? extent - 1 : taps - 1;
  const before = Math.max(0, reach - Math.floor(pads[0] / stride));
  const after = Math.max(0, Math.ceil((extra + extent - pads[1]) / stride) - 1);
  return {
    stride,
    taps,
    dilation: single ? dilation : 1,
    pads: [before, after],
    crop: [pads[0] - stride * (reach - before), stride * (after + 1) - extra - extent + pads[1]],
    source(tap, phase) {
      if (single) return kernel - 1 - tap;
      const at = phase + stride * (taps - 1 - tap);
      return at < extent && at % dilation === 0 ? at / dilation : -1;
    },
  };
}

/** The weights [in, out / group, …] as those of the convolution, [out · phases, in, …]. */
function phaseWeights(weights: Initializer, group: number, axes: readonly Axis[]): Initializer {
  const [channels, own, ...kernel] = weights.shape as [number, number, ...number[]];
  const strides = axes.map(({ stride }) => stride);
  const taps = axes.map((axis) => axis.taps);
  const [phases, size] = [productOf(strides), productOf(taps)];
  const result = zerosOf(weights, [own * group * phases, channels, ...taps], weights.data);
  for (let phase = 0; phase < phases; phase++)
    for (let tap = 0; tap < size; tap++) {
      const sources = digits(tap, taps).map((at, n) => axes[n]!.source(at, digits(phase, strides)[n]!));
      if (sources.includes(-1)) continue;
      const from = sources.reduce((at, source, n) => at * kernel[n]! + source, 0);
      for (let c = 0; c < channels; c++) {
        const firstOut = Math.floor(c / (channels / group)) * own;
        for (let o = 0; o < own; o++)
          result.data[(((firstOut + o) * phases + phase) * channels + c) * size + tap] =
            weights.data[(c * own + o) * productOf(kernel) + from]!;
      }
    }
  return result;
}

/** A number's digits, of which each place has its own base; the last place counts ones. */
function digits(number: number, bases: readonly number[]): readonly number[] {
  const result: number[] = [];
  let rest = number;
  for (let place = bases.length - 1; place >= 0; place--) {
    result.unshift(rest % bases[place]!);
    rest = Math.floor(rest / bases[place]!);
  }
  return result;
}

/**
 * A transposed convolution as a convolution whose channels are laid out as voxels: Conv, Reshape, Transpose, Reshape and, where windows
 * overlap, Slice. No zeros are stuffed, so no product is computed in vain; with kernel = stride it is a 1³ convolution.
 *
 * @see Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network"
 */
export function phaseConv(
  r: Rewriter,
  node: Node,
  weights: Initializer,
  bias: Initializer | undefined,
): { readonly value: Value; readonly how: string } {
  const kernel = weights.shape.slice(2);
  const rank = kernel.length;
  const [strides, dilations, extra, pads] = [
    windowAttribute(node, "strides", rank, 1),
    windowAttribute(node, "dilations", rank, 1),
    windowAttribute(node, "output_padding", rank, 0),
    windowAttribute(node, "pads", 2 * rank, 0),
  ];
  const axes = kernel.map((size, n) => axisOf(size, strides[n]!, dilations[n]!, [pads[n]!, pads[n + rank]!], extra[n]!));
  const [x, group] = [r.value(node.inputs[0]!)!, groupOf(node)];
  const shared = hasSharedKernel(weights, group);
  const value = shared
    ? channelsApart(r, x, bias && r.value(node.inputs[2]!), group, (apart) => upsampled(r, apart, firstKernel(weights), axes, 1))
    : upsampled(r, x, weights, axes, group, bias);
  const taps = axes.map((axis) => axis.taps).join("×");
  const cut = axes.some(({ crop }) => crop[0] > 0 || crop[1] > 0) ? ", Slice" : "";
  const how = `Conv ${taps}, Reshape, Transpose, Reshape${cut}`;
  return { value, how: shared ? `${how}, channels moved into the batch` : how };
}

function upsampled(r: Rewriter, x: Value, weights: Initializer, axes: readonly Axis[], group: number, bias?: Initializer): Value {
  const rank = axes.length;
  const strides = axes.map(({ stride }) => stride);
  const rows = phaseWeights(weights, group, axes);
  const phases = productOf(strides);
  const parts = r.node("Conv", [x, r.constant(rows), bias && r.constant(repeated(bias, phases))], {
    kernel_shape: { ints: axes.map((axis) => axis.taps) },
    dilations: { ints: axes.map(({ dilation }) => dilation) },
    pads: { ints: [...axes.map(({ pads }) => pads[0]), ...axes.map(({ pads }) => pads[1])] },
  });
  return cropped(r, phases === 1 ? parts : interleaved(r, parts, rows.shape[0]! / phases, strides, rank), axes);
}

/** [B, C · s³, n, …] → [B, C, s, s, s, n, n, n] → [B, C, n, s, n, s, n, s] → [B, C, n · s, …]. */
function interleaved(r: Rewriter, parts: Value, channels: number, strides: readonly number[], rank: number): Value {
  const space = Array.from({ length: rank }, (_, axis) => axis);
  const sizes = (factor: (axis: number) => number) => space.map((axis) => timesSize(r, parts, axis + 2, factor(axis)));
  const batch = timesSize(r, parts, 0, 1);
  const apart = r.node("Reshape", [parts, joinSizes(r, [batch, [channels, ...strides], ...sizes(() => 1)])]);
  const perm = { ints: [0, 1, ...space.flatMap((axis) => [2 + rank + axis, 2 + axis])] };
  const together = joinSizes(r, [batch, [channels], ...sizes((axis) => strides[axis]!)]);
  return r.node("Reshape", [r.node("Transpose", [apart], { perm }), together]);
}

function cropped(r: Rewriter, x: Value, axes: readonly Axis[]): Value {
  const cut = [...axes.keys()].filter((n) => axes[n]!.crop.some((voxels) => voxels > 0));
  if (cut.length === 0) return x;
  const END = Number.MAX_SAFE_INTEGER;
  return r.node("Slice", [
    x,
    r.constant(cut.map((n) => axes[n]!.crop[0])),
    r.constant(cut.map((n) => (axes[n]!.crop[1] > 0 ? -axes[n]!.crop[1] : END))),
    r.constant(cut.map((n) => n + 2)),
  ]);
}

function repeated(bias: Initializer, times: number): Initializer {
  const result = zerosOf(bias, [bias.data.length * times], bias.data);
  for (let n = 0; n < result.data.length; n++) result.data[n] = bias.data[Math.floor(n / times)]!;
  return result;
}
