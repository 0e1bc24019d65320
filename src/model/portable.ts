import { decodeGraph } from "./graph/decode.js";
import { denseConv, groupOf, windowAttribute } from "./graph/denseConv.js";
import { encodeGraph } from "./graph/encode.js";
import type { Graph, Initializer, Node, Value } from "./graph/graph.js";
import { phaseConv } from "./graph/phaseConv.js";
import { type Rewriter, rewriteNodes } from "./graph/rewrite.js";
import { concatenate, eachField, LENGTH_DELIMITED, lengthDelimited } from "./wire.js";
import { cardOf, withCard, withoutCard } from "./withCard.js";

/** What was done to a model so that it runs on WebGPU. */
export interface PortableReport {
  /** A line for each node that was replaced: its name, what it was and what stands there now. Empty if nothing had to change. */
  readonly changes: readonly string[];
  /** A line for each node that WebGPU will still refuse: its name and why it stayed. Empty if the model will run. */
  readonly unsupported: readonly string[];
}

export interface PortableGraph extends PortableReport {
  readonly graph: Graph;
}

export interface PortableBytes extends PortableReport {
  readonly bytes: Uint8Array;
}

/**
 * Rewrites a network into one that ONNX Runtime's WebGPU provider can run. Of the operations of 3-D networks that provider lacks two,
 * and says so only when it runs them; a third form of node ends the process. All are replaced by equivalents, exact but for the order of sums:
 *
 * - ConvTranspose becomes a Conv whose channels are laid out as voxels (Reshape, Transpose, Reshape, Slice); with kernel = stride a 1³ Conv.
 *   Any stride, dilation, padding, output padding and group. On the CPU this is several times faster, too.
 * - A Conv of several groups becomes a Conv over channels moved into the batch where all channels share one kernel (a fixed blur), otherwise
 *   one with weights that are 0 between groups, which computes as many times more products as there are groups.
 * - A Conv or ConvTranspose, of any number of axes, that leaves its bias out by an empty name is written without the name.
 *
 * Otherwise networks of one and two spatial axes stay as they are. The weights that are rewritten become constants, which training doesn't change.
 *
 * @param model a graph, or the bytes of a whole .onnx file with its weights. The card and other metadata of a file are kept, but for the
 *   card's `sha256`: the file is another
 * @returns a graph or bytes, as given (the very same if nothing had to change), and what was changed and what can't be: nodes whose
 *   weights are computed at run time, or whose padding is left to the runtime (`auto_pad`, `output_shape`)
 * @throws for bytes what {@link decodeGraph} throws: `bad-model`; `unsupported` for operators that are not known here
 * @see Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network"
 * @example
 * const { bytes, unsupported } = portable(await readFile("nnunet.onnx"));
 * if (unsupported.length === 0) await writeFile("nnunet-webgpu.onnx", bytes);
 */
export function portable(model: Graph): PortableGraph;
export function portable(model: Uint8Array): PortableBytes;
export function portable(model: Graph | Uint8Array): PortableGraph | PortableBytes {
  if (!(model instanceof Uint8Array)) return portableGraph(model);
  const { graph, ...report } = portableGraph(decodeGraph(model));
  return { bytes: report.changes.length === 0 ? model : withMetadataOf(model, encodeGraph(graph)), ...report };
}

function portableGraph(graph: Graph): PortableGraph {
  const changes: string[] = [];
  const unsupported: string[] = [];
  const rewritten = rewriteNodes(graph, (node, rewriter) => {
    const what = refused(node, rewriter);
    if (!what) return;
    const replacement = replace(node, rewriter);
    const line = `${node.name || node.outputs[0]}: ${what}`;
    if (typeof replacement === "string") {
      unsupported.push(`${line}, but ${replacement}`);
      return;
    }
    changes.push(`${line} → ${replacement.how}`);
    return replacement.value;
  });
  return { graph: changes.length === 0 ? graph : rewritten, changes, unsupported };
}

/** What WebGPU will refuse about a node, in words. */
function refused(node: Node, r: Rewriter): string | undefined {
  if (node.operator !== "Conv" && node.operator !== "ConvTranspose") return;
  return lacking(node, r) ?? (node.inputs[2] === "" ? `${node.operator} with an empty bias` : undefined);
}

function lacking(node: Node, r: Rewriter): string | undefined {
  const weights = r.value(node.inputs[1] ?? "");
  if (weights?.shape.length !== 5) return;
  const kernel = weights.shape.slice(2).join("×");
  const group = groupOf(node);
  const groups = group > 1 ? ` of ${group} groups` : "";
  if (node.operator === "ConvTranspose")
    return `ConvTranspose ${kernel}, stride ${windowAttribute(node, "strides", 3, 1).join("×")}${groups}`;
  return group > 1 ? `Conv ${kernel}${groups}` : undefined;
}

/** What stands in the node's place, or why nothing can. */
function replace(node: Node, r: Rewriter): { readonly value: Value; readonly how: string } | string {
  if (!lacking(node, r)) {
    const inputs = node.inputs.slice(0, 2).map((name) => r.value(name));
    return { value: r.node(node.operator, inputs, node.attributes), how: `${node.operator} without a bias` };
  }
  const autoPad = node.attributes["auto_pad"];
  if (autoPad && "string" in autoPad && autoPad.string.startsWith("SAME")) return `its padding is left open (${autoPad.string})`;
  const weights = r.constantOf(node.inputs[1]);
  if (!weights) return "its weights are computed at run time";
  if (node.operator === "Conv") return denseConv(r, node, weights);
  if (node.attributes["output_shape"]) return "its padding is left open (output_shape)";
  const bias: Initializer | undefined = r.constantOf(node.inputs[2]);
  if (node.inputs[2] && !bias) return "its bias is computed at run time";
  return phaseConv(r, node, weights, bias);
}

const METADATA_PROPS = 14;

function withMetadataOf(from: Uint8Array, to: Uint8Array): Uint8Array {
  const entries: Uint8Array[] = [];
  const plain = withoutCard(from);
  eachField(plain, 0, plain.length, (field, wire, start, end) => {
    if (field === METADATA_PROPS && wire === LENGTH_DELIMITED)
      entries.push(lengthDelimited(METADATA_PROPS, plain.subarray(start, end)));
  });
  const bytes = concatenate([to, ...entries]);
  const card = cardOf(from);
  if (!card) return bytes;
  const { sha256: _, ...rest } = card;
  return withCard(bytes, rest);
}
