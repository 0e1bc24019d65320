import type { Session, Tensor, Tensors } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import type { TrainingState } from "./trainingState.js";

/** Asks for a batch now; what goes wrong is thrown where it is awaited. */
export function prepared(batches: (step: number) => Tensors | Promise<Tensors>, step: number): Promise<Tensors> {
  const batch = (async () => batches(step))();
  batch.catch(() => undefined);
  return batch;
}

/** One step of training by a session over a graph of `trainingStep`. Throws `not-converged`, naming the step, for numbers that are none. */
export async function runStep(
  session: Session,
  data: Tensors,
  state: TrainingState,
  learningRate: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly loss: number; readonly gradientNorm: number; readonly state: TrainingState }> {
  const step = state.step + 1;
  const { weights, mean, variance, average, best } = state;
  const inputs: Record<string, Tensor> = {
    ...data,
    weights: vector(weights),
    mean: vector(mean),
    variance: vector(variance),
    ...(average && { average: vector(average) }),
    learningRate: vector(Float32Array.of(learningRate)),
    step: vector(Float32Array.of(step)),
  };
  const outputs = await session.run(inputs, signal ? { signal } : {});
  const [loss, gradientNorm] = [outputs["loss"]!.data[0]!, outputs["gradientNorm"]!.data[0]!];
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
    throw new GadoliniteError(
      "not-converged",
      `In step ${step} the loss is ${loss} and the gradient's norm ${gradientNorm}. Look at that step's batch, take a lower learning rate, or clip the gradient with clipNorm; resume from the step before.`,
    );
  return {
    loss,
    gradientNorm,
    state: {
      step,
      weights: outputs["weightsNext"]!.data,
      mean: outputs["meanNext"]!.data,
      variance: outputs["varianceNext"]!.data,
      ...(average && { average: outputs["averageNext"]!.data }),
      ...(best && { best }),
    },
  };
}

export const vector = (data: Float32Array): Tensor => ({ dims: [data.length], data });
