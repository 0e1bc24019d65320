import {
  commonSize,
  type Dim,
  type ElementType,
  fail,
  formatShape,
  type InferenceContext,
  input,
  type Operator,
} from "../graph.js";
import { arithmeticOn, roundedContent } from "./sizes.js";

/** Shape of a broadcast, as NumPy and ONNX do it: aligned at the end, 1 stretches. A named size equals itself, or stretches 1. */
export function broadcast(context: InferenceContext, ...shapes: readonly (readonly Dim[])[]): readonly Dim[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size: Dim = 1;
    for (const shape of shapes) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own === 1) continue;
      const shared: Dim | undefined = size === 1 ? own : commonSize(size, own);
      size = shared ?? fail(context, `shapes ${shapes.map(formatShape).join(" and ")} do not broadcast.`);
    }
    return size;
  });
}

function checkSameType(context: InferenceContext): ElementType {
  const types = new Set(context.inputs.map((_, n) => input(context, n).type));
  if (types.size > 1) fail(context, `its inputs have types ${[...types].join(" and ")}; cast one first.`);
  return [...types][0]!;
}

/** Operators that work voxel by voxel on one input. */
const unary: Operator = {
  infer: (context) => {
    const { type, shape } = input(context, 0);
    return [{ type, shape }];
  },
};

/** Operators that broadcast their inputs against each other. */
const broadcasting: Operator = {
  infer: (context) => {
    const content = arithmeticOn(context);
    return [
      {
        type: checkSameType(context),
        shape: broadcast(context, ...context.inputs.map((_, n) => input(context, n).shape)),
        ...(content && { content }),
      },
    ];
  },
};

/** Floor and Ceil, which may make a size whole again. */
const rounding = (round: (x: number) => number): Operator => ({
  infer: (context) => {
    const content = roundedContent(context, round);
    return unary.infer(context).map((type) => ({ ...type, ...(content && { content }) }));
  },
});

const comparing: Operator = {
  infer: (context) => broadcasting.infer(context).map(({ shape }) => ({ type: "bool", shape })),
};

const where: Operator = {
  infer: (context) => {
    const [condition, yes, no] = [input(context, 0), input(context, 1), input(context, 2)];
    if (condition.type !== "bool") fail(context, `its condition is ${condition.type}, not bool.`);
    if (yes.type !== no.type) fail(context, `its branches have types ${yes.type} and ${no.type}.`);
    return [{ type: yes.type, shape: broadcast(context, condition.shape, yes.shape, no.shape) }];
  },
};

export const elementwiseOperators = {
  Identity: {
    infer: (context: InferenceContext) => {
      const { name: _, ...type } = input(context, 0);
      return [type];
    },
  },
  Neg: unary,
  Abs: unary,
  Sign: unary,
  Exp: unary,
  Log: unary,
  Sqrt: unary,
  Reciprocal: unary,
  Floor: rounding(Math.floor),
  Ceil: rounding(Math.ceil),
  Erf: unary,
  Sin: unary,
  Cos: unary,
  Relu: unary,
  LeakyRelu: unary,
  Elu: unary,
  PRelu: broadcasting,
  Sigmoid: unary,
  Tanh: unary,
  Softplus: unary,
  Asinh: unary,
  Clip: { infer: (context: InferenceContext) => unary.infer({ ...context, inputs: context.inputs.slice(0, 1) }) },
  Add: broadcasting,
  Sub: broadcasting,
  Mul: broadcasting,
  Div: broadcasting,
  Pow: broadcasting,
  Min: broadcasting,
  Max: broadcasting,
  Greater: comparing,
  GreaterOrEqual: comparing,
  Less: comparing,
  LessOrEqual: comparing,
  Where: where,
} satisfies Record<string, Operator>;
