import { GadoliniteError } from "../../core/errors.js";
import { checkNonNegative } from "../../internal/check.js";
import { type GraphBuilder, graphBuilder } from "../../model/graph/builder.js";
import { formatShape, type Graph, type Value } from "../../model/graph/graph.js";
import { withFlatParameters } from "../flatParameters.js";
import { inlined } from "./inline.js";
import { meanDistance } from "./l1Loss.js";
import { meanOf, outputOf, real } from "./terms.js";

/**
 * The discriminator with the hinge loss: an output `loss` more. The first half of its batch are true images, the second half made ones, each behind its sources.
 *
 *     loss = mean over scales of mean max(0, 1 − D(true)) + mean max(0, 1 + D(made))
 *
 * @param discriminator e.g. of {@link conesDiscriminator}, of a fixed, even batch
 * @throws `bad-model` if its batch is open or odd
 * @see Chen et al. 2023, "CoNeS" (arXiv:2309.03320), as in the authors' public code; Lim & Ye 2017 (arXiv:1705.02894), equation 2
 * @example
 * const graph = conesDiscriminatorLoss(conesDiscriminator({ seed: 1, batch: 16, patch: [128, 160] }));
 */
export function conesDiscriminatorLoss(discriminator: Graph): Graph {
  const half = halfBatch(discriminator);
  const b = graphBuilder(discriminator.name, discriminator);
  const loss = b.scope("loss", () => {
    const terms = scoresOf(discriminator).map((score) => {
      const hinge = (part: Value, sign: "Add" | "Sub") => meanOf(b, b.node("Relu", [b.node(sign, [real(b, 1), part])]));
      return b.node("Add", [hinge(samples(b, score, 0, half), "Sub"), hinge(samples(b, score, half, 2 * half), "Add")]);
    });
    return meanOfTerms(b, terms);
  });
  return b.finish({ loss });
}

export interface ConesGeneratorLossOptions {
  /** Weight of mean |y − target|. Default 100. */
  readonly l1?: number;
  /** Weight of −mean D. Default 1. */
  readonly adversarial?: number;
  /** Weight of the mean square of the shifts. Default 10. */
  readonly shift?: number;
  /** Weight of the distance between the discriminator's features of made and true images. Default 0; the public code has 10, Chen et al. don't name it. */
  readonly featureMatching?: number;
}

/**
 * The generator with its loss: inputs `target` and `discriminator` (all weights of the discriminator as a vector, which are not trained here) and an output
 * `loss` more.
 *
 *     loss = λ₁ mean |y − target| − λ₂ mean over scales of mean D([x, y]) + λ₃ mean shifts² + λ₄ mean |features(y) − features(target)|
 *
 * @param generator of {@link conesGenerator} with `shifts: true` and fixed sizes
 * @param discriminator of {@link conesDiscriminator}: the generator's batch doubled, as {@link conesDiscriminatorLoss} wants it; with `featureMaps: true` where features are matched
 * @throws `bad-model` if the two don't fit each other or lack an output; `out-of-range` for a weight that is negative
 * @see Chen et al. 2023, "CoNeS" (arXiv:2309.03320), as in the authors' public code; Chen et al. 2025, "Model training" (L1, adversarial, ℓ2)
 * @example
 * const graph = conesGeneratorLoss(
 *   conesGenerator({ seed: 1, batch: 8, patch: [128, 160], shifts: true }),
 *   conesDiscriminator({ seed: 2, inputs: 3, batch: 16, patch: [128, 160] }),
 * );
 */
export function conesGeneratorLoss(
  generator: Graph,
  discriminator: Graph,
  { l1 = 100, adversarial = 1, shift = 10, featureMatching = 0 }: ConesGeneratorLossOptions = {},
): Graph {
  for (const [name, weight] of Object.entries({ l1, adversarial, shift, featureMatching })) checkNonNegative(name, weight);
  const half = halfBatch(discriminator);
  const b = graphBuilder(generator.name, generator);
  const [x, y, shifts] = [inputOf(generator), outputOf(generator, "y"), outputOf(generator, "shifts")];
  const target = b.input("target", y.shape);
  const judge = withFlatParameters({ ...discriminator, name: "discriminator" }, "discriminator");
  const weights = b.input("discriminator", judge.values.get("discriminator")!.shape);
  const loss = b.scope("loss", () => {
    // True images first, as the discriminator knows them; they take part only for their features.
    const both = [target, y].map((image) => b.node("Concat", [x, image], { axis: { int: 1 } }));
    const seen = b.node("Concat", both, { axis: { int: 0 } });
    const outputs = inlined(b, judge, { [inputOf(discriminator).name]: seen, discriminator: weights });
    const made = (value: Value) => samples(b, value, half, 2 * half);
    const scores = scoresOf(discriminator).map(({ name }) => meanOf(b, made(outputs.get(name)!)));
    const weighted = (weight: number, term: Value) => b.node("Mul", [term, real(b, weight)]);
    const terms = [
      weighted(l1, meanDistance(b, y, target)),
      weighted(-adversarial, meanOfTerms(b, scores)),
      weighted(shift, meanOf(b, b.node("Mul", [shifts, shifts]))),
    ];
    if (featureMatching > 0) {
      const maps = discriminator.outputs.filter(({ name }) => name.includes(".feature"));
      if (maps.length === 0)
        throw new GadoliniteError("bad-model", "To match features the discriminator needs them as outputs: featureMaps: true.");
      const distances = maps.map(({ name }) => {
        const map = outputs.get(name)!;
        return meanDistance(b, made(map), samples(b, map, 0, half));
      });
      terms.push(weighted(featureMatching, meanOfTerms(b, distances)));
    }
    return terms.reduce((sum, term) => b.node("Add", [sum, term]));
  });
  return b.finish({ loss });
}

/** The scores of a discriminator, one output a scale. */
function scoresOf({ name, outputs }: Graph): readonly Value[] {
  const scores = outputs.filter((output) => /^y\d+$/.test(output.name));
  if (scores.length > 0) return scores;
  throw new GadoliniteError("bad-model", `The network ${name} has no scores y0, y1 …; a discriminator is expected.`);
}

function inputOf({ name, inputs }: Graph): Value {
  if (inputs.length === 1) return inputs[0]!;
  throw new GadoliniteError("bad-model", `The network ${name} has ${inputs.length} inputs; one is expected.`);
}

function halfBatch(discriminator: Graph): number {
  const { shape } = inputOf(discriminator);
  const batch = shape[0]!;
  if (typeof batch === "number" && batch % 2 === 0) return batch / 2;
  throw new GadoliniteError(
    "bad-model",
    `The discriminator judges as many true images as made ones, but its input is ${formatShape(shape)}: build it with twice the generator's batch.`,
  );
}

/** Samples `start` … `end` − 1 of a batch. */
const samples = (b: GraphBuilder, value: Value, start: number, end: number): Value =>
  b.node("Slice", [value, b.constant("from", [start]), b.constant("to", [end]), b.constant("batch", [0])]);

const meanOfTerms = (b: GraphBuilder, terms: readonly Value[]): Value =>
  b.node("Div", [terms.reduce((sum, term) => b.node("Add", [sum, term])), real(b, terms.length)]);
