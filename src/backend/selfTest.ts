import { GadoliniteError } from "../core/errors.js";
import { fillNormal } from "../internal/random.js";
import type { SelfTest, SelfTestOutput } from "../model/modelCard.js";
import type { Session, Tensor, Tensors } from "./backend.js";

export interface MakeSelfTestOptions {
  /** Dimensions of each input, e.g. `{ image: [1, 2, 16, 16, 16] }`. Small ones do: it runs at every load. */
  readonly inputs: SelfTest["inputs"];
  /** Integer of 0 or more. */
  readonly seed: number;
  /** Largest absolute difference allowed, in the unit of the output; 1e-4 of its size is ample for float32 kernels. */
  readonly tolerance: number;
}

const MOST_VALUES = 32;

/**
 * Makes the self-test of a model's card: runs a session that is trusted on seeded input and notes what came.
 *
 * @throws what `session.run` throws
 * @example
 * const selfTest = await makeSelfTest(session, { inputs: { image: [1, 2, 16, 16, 16] }, seed: 1, tolerance: 1e-4 });
 */
export async function makeSelfTest(session: Session, { inputs, seed, tolerance }: MakeSelfTestOptions): Promise<SelfTest> {
  const outputs = await session.run(selfTestInputs({ inputs, seed }));
  const expected = Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [name, summary(output, Math.min(MOST_VALUES, output.data.length))]),
  );
  return { seed, inputs, expected, tolerance };
}

/**
 * Runs a self-test: a session that computes something else is refused. It catches kernels that are wrong as a whole (zeros, swapped axes,
 * a missing bias), which do ship; it is no proof of every voxel.
 *
 * @throws `bad-model` with the measured difference
 */
export async function runSelfTest(session: Session, selfTest: SelfTest): Promise<void> {
  const outputs = await session.run(selfTestInputs(selfTest));
  for (const [name, expected] of Object.entries(selfTest.expected)) {
    const output = outputs[name];
    if (!output || output.dims.join() !== expected.dims.join())
      throw new GadoliniteError(
        "bad-model",
        `Self-test on ${session.device}: output "${name}" should be [${expected.dims.join(", ")}], but is ${output ? `[${output.dims.join(", ")}]` : "not there"}.`,
      );
    const got = summary(output, expected.values.length);
    const differences = [got.mean - expected.mean, got.rms - expected.rms, ...got.values.map((v, i) => v - expected.values[i]!)];
    const difference = Math.max(...differences.map(Math.abs));
    if (!(difference <= selfTest.tolerance))
      throw new GadoliniteError(
        "bad-model",
        `Self-test on ${session.device}: output "${name}" is off by ${difference.toPrecision(3)} where ${selfTest.tolerance} is allowed (r.m.s. ${got.rms.toPrecision(6)}, expected ${expected.rms.toPrecision(6)}). This device computes the model wrongly, or the card is another model's; take another backend.`,
      );
  }
}

function selfTestInputs({ inputs, seed }: Pick<SelfTest, "inputs" | "seed">): Tensors {
  const names = Object.keys(inputs).sort();
  return Object.fromEntries(
    names.map((name, stream) => {
      const dims = inputs[name]!;
      const data = new Float32Array(dims.reduce((product, n) => product * n, 1));
      fillNormal(data, seed, stream);
      return [name, { dims, data }];
    }),
  );
}

function summary({ dims, data }: Tensor, count: number): SelfTestOutput {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    sum += data[i]!;
    squares += data[i]! * data[i]!;
  }
  const values = Array.from({ length: count }, (_, m) => data[Math.floor((m * data.length) / count)]!);
  return { dims, mean: sum / data.length, rms: Math.sqrt(squares / data.length), values };
}
