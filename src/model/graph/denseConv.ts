import type { Attributes, Initializer, Node, Value } from "./graph.js";
import { joinSizes, type Rewriter, timesSize } from "./rewrite.js";

/** The numbers of an attribute, or `otherwise` for each of `length` axes. */
export function windowAttribute({ attributes }: Node, name: string, length: number, otherwise: number): readonly number[] {
  const attribute = attributes[name];
  return attribute && "ints" in attribute ? attribute.ints : Array.from({ length }, () => otherwise);
}

export function groupOf({ attributes }: Node): number {
  const group = attributes["group"];
  return group && "int" in group ? group.int : 1;
}

export const productOf = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** As many zeros of the same element type; the bits of 0 are 0 in every type. */
export function zerosOf({ type }: Initializer, shape: readonly number[], like: Initializer["data"]): Initializer {
  const Data = like.constructor as new (length: number) => Initializer["data"];
  return { type, shape, data: new Data(productOf(shape)) };
}

/** Whether each channel has one kernel of its own, and all kernels are the same. */
export function hasSharedKernel({ shape, data }: Initializer, group: number): boolean {
  if (group === 1 || shape[0] !== group || shape[1] !== 1) return false;
  const size = data.length / group;
  for (let n = size; n < data.length; n++) if (data[n] !== data[n - size]) return false;
  return true;
}

/** The kernel of one channel. */
export function firstKernel({ type, shape, data }: Initializer): Initializer {
  return { type, shape: [1, ...shape.slice(1)], data: data.slice(0, data.length / shape[0]!) };
}

/**
 * Runs `convolve` with the channels moved into the batch, [B, C, …] → [B · C, 1, …], and adds the bias, if there is one, to each channel of
 * what comes back.
 */
export function channelsApart(
  r: Rewriter,
  x: Value,
  bias: Value | undefined,
  group: number,
  convolve: (x: Value) => Value,
): Value {
  const space = x.shape.slice(2).map(() => 0);
  const y = convolve(r.node("Reshape", [x, r.constant([-1, 1, ...space])]));
  const sizes = y.shape.slice(2).map((_, axis) => timesSize(r, y, axis + 2, 1));
  const together = r.node("Reshape", [y, joinSizes(r, [timesSize(r, x, 0, 1), [group], ...sizes])]);
  if (!bias) return together;
  return r.node("Add", [together, r.node("Reshape", [bias, r.constant([1, group, ...space.map(() => 1)])])]);
}

/**
 * A grouped convolution as an ungrouped one: with one kernel for all channels by moving them into the batch, otherwise with weights that are
 * 0 between groups. Same numbers, of which the second computes `group` times as many products.
 */
export function denseConv(r: Rewriter, node: Node, weights: Initializer): { readonly value: Value; readonly how: string } {
  const group = groupOf(node);
  const [x, bias] = [r.value(node.inputs[0]!)!, r.value(node.inputs[2] ?? "")];
  const { group: _, ...attributes } = node.attributes as Attributes;
  if (hasSharedKernel(weights, group)) {
    const kernel = r.constant(firstKernel(weights));
    const value = channelsApart(r, x, bias, group, (apart) => r.node("Conv", [apart, kernel], attributes));
    return { value, how: "Conv with one kernel over channels moved into the batch" };
  }
  const dense = r.constant(blockDiagonal(weights, group));
  return {
    value: r.node("Conv", [x, dense, bias], attributes),
    how: `Conv with block-diagonal weights, ${group} times the products`,
  };
}

/** [out, in / group, …] → [out, in, …]. */
function blockDiagonal(weights: Initializer, group: number): Initializer {
  const [out, own, ...kernel] = weights.shape as [number, number, ...number[]];
  const dense = zerosOf(weights, [out, own * group, ...kernel], weights.data);
  const row = own * productOf(kernel);
  for (let o = 0; o < out; o++) {
    const block = Math.floor(o / (out / group));
    for (let n = 0; n < row; n++) dense.data[(o * group + block) * row + n] = weights.data[o * row + n]!;
  }
  return dense;
}
