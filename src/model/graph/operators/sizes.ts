import { type Dim, floorDivide, type InferenceContext, plus, times, unknownSize } from "../graph.js";

/** What arithmetic makes of two numbers, and of two sizes of which one at least is a name; `undefined` where nobody can tell. */
interface Arithmetic {
  readonly numbers: (a: number, b: number) => number;
  readonly names: (a: Dim, b: Dim) => Dim | undefined;
}

const nothing = () => undefined;

/** On int64, division cuts the fraction off: of sizes, which are not negative, it is ⌊a / b⌋. */
const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  Add: {
    numbers: (a, b) => a + b,
    names: (a, b) =>
      Number.isInteger(b) ? plus(a, b as number) : Number.isInteger(a) ? plus(b, a as number) : bothNames(a, b, "+"),
  },
  Sub: { numbers: (a, b) => a - b, names: (a, b) => (a === b ? 0 : Number.isInteger(b) ? plus(a, -(b as number)) : undefined) },
  Mul: {
    numbers: (a, b) => a * b,
    names: (a, b) => (isFactor(b) ? times(a, b) : isFactor(a) ? times(b, a) : bothNames(a, b, "*")),
  },
  Div: { numbers: (a, b) => a / b, names: (a, b) => (isFactor(b) ? floorDivide(a, b) : undefined) },
  Min: { numbers: Math.min, names: nothing },
  Max: { numbers: Math.max, names: nothing },
};

const isFactor = (dim: Dim): dim is number => typeof dim === "number" && Number.isInteger(dim) && dim > 0;
const bothNames = (a: Dim, b: Dim, sign: string) =>
  typeof a === "string" && typeof b === "string" ? `(${a} ${sign} ${b})` : undefined;

// Names that are made of names could double in length at each node.
const LONGEST_NAME = 256;

const shortOr = (dim: Dim | undefined, otherwise: () => Dim): Dim =>
  dim === undefined || (typeof dim === "string" && dim.length > LONGEST_NAME) ? otherwise() : dim;

/** The elements of a sum, product, … of short lists that are known; `undefined` for any other operation or longer, unknown lists. */
export function arithmeticOn(context: InferenceContext): readonly Dim[] | undefined {
  const rule = Object.hasOwn(ARITHMETIC, context.operator) ? ARITHMETIC[context.operator]! : undefined;
  const [a, b] = context.inputs;
  if (!rule || context.inputs.length !== 2 || !a?.content || !b?.content || a.shape.length > 1 || b.shape.length > 1) return;
  const length = Math.max(a.content.length, b.content.length);
  if ([a, b].some(({ content }) => content!.length !== length && content!.length !== 1)) return;
  const whole = a.type === "int64";
  return Array.from({ length }, (_, n) => {
    const [left, right] = [a.content!, b.content!].map((list) => list[list.length === 1 ? 0 : n]!) as [Dim, Dim];
    const otherwise = () => unknownSize(context, n);
    if (typeof left === "number" && typeof right === "number") {
      const result = rule.numbers(left, right);
      return !Number.isFinite(result) ? otherwise() : whole ? Math.trunc(result) : result;
    }
    // Of real numbers a quotient is no size yet.
    if (!whole && context.operator === "Div" && right !== 1) return otherwise();
    return shortOr(rule.names(left, right), otherwise);
  });
}

/** The elements of a rounded list. Names stand for whole numbers, but for unknown ones, which may have been scaled. */
export function roundedContent(context: InferenceContext, round: (x: number) => number): readonly Dim[] | undefined {
  return context.inputs[0]?.content?.map((dim, n) =>
    typeof dim === "number" ? round(dim) : dim.includes("?") ? unknownSize(context, n) : dim,
  );
}

/** Size after scaling, ⌊size · scale⌋. */
export function scaledSize(context: InferenceContext, axis: number, size: Dim, scale: Dim | undefined): Dim {
  if (typeof scale !== "number" || !(scale > 0)) return unknownSize(context, axis);
  if (typeof size === "number") return Math.floor(size * scale);
  if (Number.isInteger(scale)) return times(size, scale);
  return Number.isInteger(1 / scale) ? floorDivide(size, 1 / scale) : unknownSize(context, axis);
}
