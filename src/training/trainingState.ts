import { GadoliniteError } from "../core/errors.js";
import type { Graph } from "../model/graph/graph.js";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../model/safetensors.js";
import { asFloat32, type WeightTensor } from "../model/weightTensor.js";
import { lengthOf, segmentsOf } from "./flatParameters.js";

/** All that the next step of a training depends on. Vectors hold all parameters one after another, in the order of the graph. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  readonly weights: Float32Array;
  /** Adam's running means of the gradient and of its square. */
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  /** Running average of the weights, if one is kept. */
  readonly average?: Float32Array;
  /** The best validation so far, and how many came after it. */
  readonly best?: { readonly step: number; readonly value: number; readonly since: number };
}

/** The state before the first step: the graph's own weights, nothing else. */
export function initialState(graph: Graph, { average = false }: { readonly average?: boolean } = {}): TrainingState {
  const segments = segmentsOf(graph);
  const weights = new Float32Array(lengthOf(segments));
  for (const { name, start } of segments) weights.set(graph.initializers.get(name)!.data as Float32Array, start);
  const zeros = () => new Float32Array(weights.length);
  return { step: 0, weights, mean: zeros(), variance: zeros(), ...(average && { average: weights.slice() }) };
}

/**
 * The weights of a state by their names, for `withWeights`. Where a running average is kept it is taken: it is what one infers with.
 *
 * @param graph what was trained, or any network with the same parameters
 * @throws `bad-model` if the state is another network's
 * @example
 * const trained = withWeights(conditionalUnet3d({ seed: 1, features: 8 }), trainedWeights(graph, state));
 */
export function trainedWeights(graph: Graph, state: TrainingState): ReadonlyMap<string, WeightTensor> {
  checkState(graph, state);
  return unpacked(graph, state.average ?? state.weights);
}

function unpacked(graph: Graph, vector: Float32Array): ReadonlyMap<string, WeightTensor> {
  return new Map(
    segmentsOf(graph).map(({ name, shape, start, end }) => [
      name,
      { dtype: "float32", shape, data: vector.subarray(start, end) },
    ]),
  );
}

/** Throws `bad-model` unless the state's vectors are as long as the graph's parameters are together. */
export function checkState(graph: Graph, { weights, mean, variance, average }: TrainingState): void {
  const length = lengthOf(segmentsOf(graph));
  for (const [name, vector] of Object.entries({ weights, mean, variance, ...(average && { average }) }))
    if (!(vector instanceof Float32Array) || vector.length !== length)
      throw new GadoliniteError(
        "bad-model",
        `The state's ${name} has ${vector.length} numbers, but the network ${graph.name} has ${length} parameters: it is another network's.`,
      );
}

const VECTORS = ["weights", "mean", "variance", "average"] as const;
const FORMAT = "gadolinite.training";

/**
 * Writes a state as a .safetensors file: `weights.NAME`, `mean.NAME`, `variance.NAME` and, where there is one, `average.NAME` for each parameter, the rest as
 * metadata. On a disk, write it with `writeFileAtomic` of `gadolinite/node`.
 *
 * @throws `bad-model` if the state is another network's
 * @example
 * await writeFileAtomic("training.safetensors", writeCheckpoint(graph, state));
 */
export function writeCheckpoint(graph: Graph, state: TrainingState): Uint8Array<ArrayBuffer> {
  checkState(graph, state);
  const tensors = VECTORS.flatMap((vector) => {
    const data = state[vector];
    return data ? [...unpacked(graph, data)].map(([name, tensor]) => [`${vector}.${name}`, tensor] as const) : [];
  });
  const { step, best } = state;
  return writeSafetensors(new Map(tensors), { metadata: { [FORMAT]: JSON.stringify({ step, best }) } });
}

/**
 * Reads what {@link writeCheckpoint} wrote: a training that goes on from it continues bit for bit.
 *
 * @param graph the network that was trained
 * @throws `bad-model` if the bytes are no such file, or another network's
 * @example
 * const resume = readCheckpoint(graph, await readFile("training.safetensors"));
 */
export function readCheckpoint(graph: Graph, bytes: Uint8Array): TrainingState {
  const tensors = readSafetensors(bytes);
  const { step, best } = progressOf(bytes);
  const length = lengthOf(segmentsOf(graph));
  const packed = (vector: string) => {
    const data = new Float32Array(length);
    for (const { name, shape, start } of segmentsOf(graph)) {
      const tensor = tensors.get(`${vector}.${name}`);
      if (!tensor || tensor.shape.join() !== shape.join())
        throw notThis(`it has no ${vector}.${name} of [${shape.join(", ")}]`, graph);
      data.set(asFloat32(name, tensor), start);
    }
    return data;
  };
  const vectors = VECTORS.filter((vector) => vector !== "average" || [...tensors.keys()].some((n) => n.startsWith("average.")));
  const state = Object.fromEntries(vectors.map((vector) => [vector, packed(vector)]));
  if (tensors.size !== vectors.length * graph.parameters.length)
    throw notThis(`it has ${tensors.size} tensors, not ${vectors.length * graph.parameters.length}`, graph);
  return { step, ...(best && { best }), ...state } as TrainingState;
}

function progressOf(bytes: Uint8Array): Pick<TrainingState, "step" | "best"> {
  try {
    const { step, best } = JSON.parse(readSafetensorsMetadata(bytes)[FORMAT]!);
    const counts = best === undefined ? [step] : [step, best.step, best.since];
    if (!counts.every((n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0)) throw new TypeError("no counts");
    if (best === undefined) return { step };
    if (!Number.isFinite(best.value)) throw new TypeError("no value");
    return { step, best: { step: best.step, value: best.value, since: best.since } };
  } catch (cause) {
    throw new GadoliniteError("bad-model", "This .safetensors file is no checkpoint of a training: it doesn't say its step.", {
      cause,
    });
  }
}

const notThis = (why: string, { name }: Graph) =>
  new GadoliniteError(
    "bad-model",
    `This checkpoint doesn't fit the network ${name}: ${why}. Build the network as it was trained.`,
  );
