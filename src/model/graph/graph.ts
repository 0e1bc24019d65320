import { GadoliniteError } from "../../core/errors.js";

/** Size along one axis: a number, or a name for one that is known only at run time (`"batch"`, `"depth"`). */
export type Dim = number | string;

export type ElementType = "float32" | "float16" | "float64" | "int32" | "int64" | "uint8" | "bool";

/** What flows along an edge of the graph. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dim[];
  /** For a short list of numbers that may be sizes, or factors of sizes: what is known of its elements while the graph is built. */
  readonly content?: readonly Dim[];
}

/** Numbers that are part of the graph: weights and constants. */
export interface Initializer {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Elements, row-major; float16 as their 16 bits. */
  readonly data: Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array;
}

/** ONNX tells integers from floats, so an attribute says which it is. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string };

export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly name: string;
  readonly operator: string;
  /** Names of values; `""` for an optional one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A network as data: nodes in the order in which they run. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Names of the initializers that training changes, in the order in which they were made. */
  readonly parameters: readonly string[];
  /** Type and shape of every value by name. */
  readonly values: ReadonlyMap<string, Value>;
}

/** What a shape rule sees, and how it complains: with the node's name. */
export interface InferenceContext {
  readonly node: string;
  readonly operator: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
}

/** Type, shape and content of an output, before it has a name. */
export type ValueType = Omit<Value, "name">;

/** An operator of the ONNX standard: how its outputs follow from its inputs. */
export interface Operator {
  readonly infer: (context: InferenceContext) => readonly ValueType[];
}

/** Number of parameters of a graph: the elements of all initializers that training changes. */
export function parameterCount({ parameters, initializers }: Graph): number {
  return parameters.reduce((sum, name) => sum + initializers.get(name)!.shape.reduce((product, n) => product * n, 1), 0);
}

// More elements than any list of sizes has, or of factors of sizes; weights are not looked into.
const MOST_SIZES = 1024;
const MOST_FACTORS = 8;

/** A parameter as a value of the graph: its numbers may change. */
export const parameterValue = (name: string, { type, shape }: Initializer): Value => ({ name, type, shape });

/** A constant as a value of the graph; of a short list of numbers, which may be sizes or factors of sizes, the content is known. */
export function initializerValue(name: string, { type, shape, data }: Initializer): Value {
  const most = type === "int64" ? MOST_SIZES : type === "float32" || type === "float64" ? MOST_FACTORS : -1;
  const known = shape.length <= 1 && data.length <= most;
  return { name, type, shape, ...(known && { content: Array.from(data as ArrayLike<number | bigint>, Number) }) };
}

/** The content of several lists of sizes, one after another, where all of them are known. */
export function joinContents(contents: readonly (readonly Dim[] | undefined)[]): readonly Dim[] | undefined {
  const length = contents.reduce((sum, content) => sum + (content?.length ?? Number.NaN), 0);
  return length <= MOST_SIZES ? contents.flatMap((content) => content!) : undefined;
}

/** Throws `bad-model`, naming the node. */
export function fail({ node, operator }: Pick<InferenceContext, "node" | "operator">, message: string): never {
  throw new GadoliniteError("bad-model", `Node ${node} (${operator}): ${message}`);
}

/** Throws `unsupported`, naming the node: the network may be sound, but its shapes can't be followed. */
export function failOpen({ node, operator }: Pick<InferenceContext, "node" | "operator">, message: string): never {
  throw new GadoliniteError(
    "unsupported",
    `Node ${node} (${operator}): ${message} It is computed when the network runs, so shapes can't be followed beyond it.`,
  );
}

/** An input that must be there. */
export function input(context: InferenceContext, index: number): Value {
  return context.inputs[index] ?? fail(context, `input ${index} is missing.`);
}

export function intAttribute({ attributes }: InferenceContext, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute && "int" in attribute ? attribute.int : otherwise;
}

export function intsAttribute({ attributes }: InferenceContext, name: string): readonly number[] | undefined {
  const attribute = attributes[name];
  return attribute && "ints" in attribute ? attribute.ints : undefined;
}

export function stringAttribute({ attributes }: InferenceContext, name: string, otherwise: string): string {
  const attribute = attributes[name];
  return attribute && "string" in attribute ? attribute.string : otherwise;
}

export const formatShape = (shape: readonly Dim[]): string => `[${shape.join(", ")}]`;

/** A sum of a size and a number, as a number or, where the size is a name, as a name: `"(depth + 2)"`. */
export function plus(dim: Dim, n: number): Dim {
  if (typeof dim === "number") return dim + n;
  // A sum of a sum is one sum, so that padding and the window that it was for cancel.
  const sum = /^\((.+) ([+-]) (\d+)\)$/.exec(dim);
  const [base, total] = sum ? [sum[1]!, n + Number(sum[2]! + sum[3]!)] : [dim, n];
  return total === 0 ? base : `(${base} ${total < 0 ? "-" : "+"} ${Math.abs(total)})`;
}

export function times(dim: Dim, n: number): Dim {
  if (n === 1) return dim;
  return typeof dim === "number" ? dim * n : `(${dim} * ${n})`;
}

/** ⌊dim / n⌋. */
export function floorDivide(dim: Dim, n: number): Dim {
  if (n === 1) return dim;
  return typeof dim === "number" ? Math.floor(dim / n) : `(${dim} // ${n})`;
}

/** A size that nothing is known of before the network runs: `"?up.conv[2]"`. */
export const unknownSize = ({ node }: Pick<InferenceContext, "node">, axis: number): Dim => `?${node.slice(0, 80)}[${axis}]`;

/** Whether a size is known only at run time: it came through a division (`"(depth // 2) * 2"`), or is {@link unknownSize}. */
export const isOpen = (dim: Dim): boolean => typeof dim === "string" && (dim.includes("//") || dim.includes("?"));

/**
 * The one size that two values share, or `undefined` if they can't. Two numbers or plain names must be the same; a size that is known only at run
 * time gives way.
 */
export function commonSize(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return a;
  return isOpen(a) ? b : isOpen(b) ? a : undefined;
}
