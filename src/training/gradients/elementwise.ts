import type { Node, Value } from "../../model/graph/graph.js";
import type { Gradient, Step, Tape } from "./tape.js";
import { attributeOf, noGradient, unbroadcast } from "./tape.js";

const mul = ({ b }: Tape, x: Value, y: Value): Value => b.node("Mul", [x, y]);
const neg = ({ b }: Tape, x: Value): Value => b.node("Neg", [x]);

/** dy where a condition holds, otherwise 0. */
const where = ({ b, real }: Tape, condition: Value, dy: Value): Value => b.node("Where", [condition, dy, real(0)]);

/** Rules of one input, given its value and the output's. */
const unary =
  (rule: (tape: Tape, dy: Value, x: Value, y: Value, node: Node) => Value): Gradient =>
  (tape, { dy, inputs, output, node }) => [rule(tape, dy, inputs[0]!, output, node)];

/** The wanted ones of some derivatives, each summed over what was stretched. */
function each(tape: Tape, step: Step, ...rules: readonly (() => Value)[]): readonly (Value | undefined)[] {
  return rules.map((rule, n) => (step.wants(n) ? unbroadcast(tape, rule(), step.inputs[n]!) : undefined));
}

/** x · sigmoid(x), written as two nodes: 4 passes over memory instead of 7. */
function siluGradient(tape: Tape, { dy, output }: Step, sigmoid: Value): Value {
  const { b, real } = tape;
  // y' = σ + y (1 − σ) = σ (1 − y) + y.
  const rest = b.node("Mul", [sigmoid, b.node("Sub", [real(1), output])]);
  return b.node("Mul", [dy, b.node("Add", [rest, output])]);
}

/** The sigmoid of a SiLU, if that is what this product is. */
function siluOf(tape: Tape, [x, y]: Step["inputs"]): readonly [number, Value] | undefined {
  for (const [n, own, other] of [
    [0, x!, y!],
    [1, y!, x!],
  ] as const) {
    const producer = tape.producerOf(other);
    if (producer?.operator === "Sigmoid" && producer.inputs[0] === own.name) return [n, other];
  }
  return undefined;
}

const mulGradient: Gradient = (tape, step) => {
  const { inputs, dy } = step;
  const silu = siluOf(tape, inputs);
  if (silu) {
    const [n, sigmoid] = silu;
    const dx = siluGradient(tape, step, sigmoid);
    return n === 0 ? [dx, undefined] : [undefined, dx];
  }
  return each(
    tape,
    step,
    () => mul(tape, dy, inputs[1]!),
    () => mul(tape, dy, inputs[0]!),
  );
};

/** Where two inputs are equal, the first takes all. */
const chosen =
  (comparison: string): Gradient =>
  (tape, step) => {
    const { inputs, dy, node } = step;
    if (inputs.length !== 2) noGradient(node, "it has a rule for two inputs only.");
    const first = tape.b.node(comparison, [inputs[0]!, inputs[1]!]);
    return each(
      tape,
      step,
      () => where(tape, first, dy),
      () => tape.b.node("Where", [first, tape.real(0), dy]),
    );
  };

const pow: Gradient = (tape, step) => {
  const { b, real, constantOf } = tape;
  const [x, exponent] = step.inputs as readonly [Value, Value];
  const constant = constantOf(exponent);
  const one = constant && constant.data.length === 1 ? Number(constant.data[0]) : undefined;
  return each(
    tape,
    step,
    () => {
      if (one === 2) return mul(tape, step.dy, mul(tape, real(2), x));
      const lower = b.node("Pow", [x, one === undefined ? b.node("Sub", [exponent, real(1)]) : real(one - 1)]);
      return mul(tape, step.dy, mul(tape, exponent, lower));
    },
    () => mul(tape, step.dy, mul(tape, step.output, b.node("Log", [x]))),
  );
};

const zero: Gradient = () => [undefined];

export const elementwiseGradients: Readonly<Record<string, Gradient>> = {
  Identity: unary((_, dy) => dy),
  Neg: unary((tape, dy) => neg(tape, dy)),
  // At 0 the slope is 0, as in PyTorch.
  Abs: unary((tape, dy, x) => mul(tape, dy, tape.b.node("Sign", [x]))),
  Sign: zero,
  Floor: zero,
  Ceil: zero,
  Exp: unary((tape, dy, _, y) => mul(tape, dy, y)),
  Log: unary((tape, dy, x) => tape.b.node("Div", [dy, x])),
  Sqrt: unary((tape, dy, _, y) => tape.b.node("Div", [mul(tape, dy, tape.real(0.5)), y])),
  Reciprocal: unary((tape, dy, _, y) => neg(tape, mul(tape, dy, mul(tape, y, y)))),
  Sin: unary((tape, dy, x) => mul(tape, dy, tape.b.node("Cos", [x]))),
  Cos: unary((tape, dy, x) => neg(tape, mul(tape, dy, tape.b.node("Sin", [x])))),
  Erf: unary((tape, dy, x) => {
    const bell = tape.b.node("Exp", [neg(tape, mul(tape, x, x))]);
    return mul(tape, dy, mul(tape, tape.real(2 / Math.sqrt(Math.PI)), bell));
  }),
  Asinh: unary((tape, dy, x) => {
    const root = tape.b.node("Sqrt", [tape.b.node("Add", [mul(tape, x, x), tape.real(1)])]);
    return tape.b.node("Div", [dy, root]);
  }),
  Sigmoid: unary((tape, dy, _, y) => mul(tape, dy, mul(tape, y, tape.b.node("Sub", [tape.real(1), y])))),
  Tanh: unary((tape, dy, _, y) => mul(tape, dy, tape.b.node("Sub", [tape.real(1), mul(tape, y, y)]))),
  Softplus: unary((tape, dy, x) => mul(tape, dy, tape.b.node("Sigmoid", [x]))),
  // At 0 the slope is that of the side below, as in PyTorch.
  Relu: unary((tape, dy, _, y) => where(tape, tape.b.node("Greater", [y, tape.real(0)]), dy)),
  LeakyRelu: unary((tape, dy, x, _, node) => {
    const slope = attributeOf(node, "alpha", "float", 0.01);
    return tape.b.node("Where", [tape.b.node("Greater", [x, tape.real(0)]), dy, mul(tape, dy, tape.real(slope))]);
  }),
  Elu: unary((tape, dy, x, y, node) => {
    const alpha = attributeOf(node, "alpha", "float", 1);
    const below = mul(tape, dy, tape.b.node("Add", [y, tape.real(alpha)]));
    return tape.b.node("Where", [tape.b.node("Greater", [x, tape.real(0)]), dy, below]);
  }),
  PRelu: (tape, step) => {
    const [x, slope] = step.inputs as readonly [Value, Value];
    const above = tape.b.node("Greater", [x, tape.real(0)]);
    return each(
      tape,
      step,
      () => tape.b.node("Where", [above, step.dy, mul(tape, step.dy, slope)]),
      () => tape.b.node("Where", [above, tape.real(0), mul(tape, step.dy, x)]),
    );
  },
  Clip: (tape, { inputs: [x, low, high], dy }) => {
    const { b } = tape;
    let dx = dy;
    if (low) dx = where(tape, b.node("GreaterOrEqual", [x, low]), dx);
    if (high) dx = where(tape, b.node("LessOrEqual", [x, high]), dx);
    return [dx];
  },
  Add: (tape, step) =>
    each(
      tape,
      step,
      () => step.dy,
      () => step.dy,
    ),
  Sub: (tape, step) =>
    each(
      tape,
      step,
      () => step.dy,
      () => neg(tape, step.dy),
    ),
  Mul: mulGradient,
  Div: (tape, step) => {
    const [, divisor] = step.inputs as readonly [Value, Value];
    return each(
      tape,
      step,
      () => tape.b.node("Div", [step.dy, divisor]),
      () => neg(tape, tape.b.node("Div", [mul(tape, step.dy, step.output), divisor])),
    );
  },
  Pow: pow,
  Min: chosen("LessOrEqual"),
  Max: chosen("GreaterOrEqual"),
  Where: (tape, step) => {
    const [condition, yes, no] = step.inputs as readonly [Value, Value, Value];
    return [
      undefined,
      step.wants(1) ? unbroadcast(tape, where(tape, condition, step.dy), yes) : undefined,
      step.wants(2) ? unbroadcast(tape, tape.b.node("Where", [condition, tape.real(0), step.dy]), no) : undefined,
    ];
  },
};
