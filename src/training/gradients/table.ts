import { convolutionGradients } from "./convolution.js";
import { elementwiseGradients } from "./elementwise.js";
import { layoutGradients } from "./layout.js";
import { reductionGradients } from "./reduction.js";
import type { Gradient } from "./tape.js";

/**
 * The gradient rule of every operator, by its ONNX name: four files that mirror those of `model/graph/operators`. They lie here and not on
 * the operators, so that a program that only runs networks carries none of them.
 */
export const gradients: Readonly<Record<string, Gradient | undefined>> = {
  ...elementwiseGradients,
  ...convolutionGradients,
  ...reductionGradients,
  ...layoutGradients,
};
