import type { Operator } from "../graph.js";
import { convolutionOperators } from "./convolution.js";
import { elementwiseOperators } from "./elementwise.js";
import { layoutOperators } from "./layout.js";
import { reductionOperators } from "./reduction.js";

/** Every operator that the builder knows, by its ONNX name. */
export const operators: Readonly<Record<string, Operator | undefined>> = {
  ...elementwiseOperators,
  ...convolutionOperators,
  ...reductionOperators,
  ...layoutOperators,
};
