import type { Session, SessionValue, Tensor, Tensors } from "../backend/backend.js";
import { describeDims, quoted } from "../backend/tensors.js";
import { GadoliniteError } from "../core/errors.js";
import type { ModelCard } from "../model/modelCard.js";
import { conditionVector } from "./conditionVector.js";

/**
 * What restores patches: a tensor [batch, channel, k, j, i] in, one of the same batch and size out. The one seam between volumes and
 * networks. The input is read only, and its array may be used again once the promise has settled: a predictor that keeps it copies it.
 */
export type Predictor = (patches: Tensor, signal?: AbortSignal) => Promise<Tensor>;

export interface PredictorOptions {
  /** Values of the card's conditions by name, in the units that it states, e.g. `{ dose: 0.1, noise: 0.03 }`. Default: the card's own. */
  readonly conditions?: Readonly<Record<string, number>>;
}

/**
 * Makes a predictor of a session, as the model's card says: channels become the network's inputs, each (x − offset)/scale; the
 * conditions become a vector, the same for each patch; and the output is scaled back.
 *
 * A network with a fixed batch is run as often as it takes; a 2-D one, of inputs [batch, channel, j, i], takes patches of one slice.
 *
 * @param session the loaded model
 * @param card its card
 * @throws `bad-model` if the card's names, channels or conditions are not those of the model, or the output has another size than
 *   the patch; `out-of-range` if a condition is missing, unknown or outside its range, or patches don't fit the card
 * @example
 * const restore = predictor(session, card, { conditions: { dose: 0.1, noise: 0.03 } });
 */
export function predictor(session: Session, card: ModelCard, { conditions = {} }: PredictorOptions = {}): Predictor {
  checkCard(session, card);
  const vector = conditionVector(card, conditions);
  const first = session.inputs.find(({ name }) => name === card.inputs[0]!.name)!;
  const fixedBatch = typeof first.dims?.[0] === "number" ? first.dims[0] : undefined;
  const flat = first.dims?.length === 4;

  return async (patches, signal) => {
    checkPatches(patches, card, flat);
    const [n, , ...window] = patches.dims as [number, number, ...number[]];
    const runs: Tensor[] = [];
    const step = fixedBatch ?? n;
    for (let from = 0; from < n; from += step) {
      const inputs = inputsOf(patches, from, step, card, vector, flat);
      const output = (await session.run(inputs, signal ? { signal } : {}))[card.output.name];
      runs.push(checkedOutput(output, card.output.name, step, window, flat));
    }
    return scaledBack(runs, n, window, card);
  };
}

function checkCard(session: Session, card: ModelCard): void {
  const refuse = (what: string) => {
    throw new GadoliniteError("bad-model", `The card of "${card.name}" is not that of the model: ${what}.`);
  };
  const check = (
    where: string,
    values: readonly SessionValue[],
    name: string,
    size: number | undefined,
    ranks: readonly number[],
  ) => {
    const value = values.find((v) => v.name === name);
    if (!value)
      return refuse(`it names the ${where} "${name}", but the model's ${where}s are ${quoted(values.map((v) => v.name))}`);
    const { dims } = value;
    if (dims && (!ranks.includes(dims.length) || (size !== undefined && typeof dims[1] === "number" && dims[1] !== size)))
      refuse(
        `${where} "${name}" is a tensor [${describeDims(dims)}], but the card wants ${size ?? "its channels"} along the second of ${ranks.join(" or ")} dimensions`,
      );
  };
  const named = [...card.inputs.map(({ name }) => name), ...(card.conditions ? [card.conditions.input] : [])];
  for (const { name, channels } of card.inputs) check("input", session.inputs, name, channels.length, [5, 4]);
  if (card.conditions) check("input", session.inputs, card.conditions.input, card.conditions.values.length, [2]);
  check("output", session.outputs, card.output.name, undefined, [5, 4]);
  const unnamed = session.inputs.map(({ name }) => name).filter((name) => !named.includes(name));
  if (unnamed.length > 0) refuse(`the model has the input(s) ${quoted(unnamed)}, which the card doesn't name`);
}

function checkPatches({ dims, data }: Tensor, { inputs, patch }: ModelCard, flat: boolean): void {
  const channels = inputs.reduce((sum, input) => sum + input.channels.length, 0);
  const refuse = (expected: string) => {
    throw new GadoliniteError("out-of-range", `${expected}, but these are [${dims.join(", ")}] with ${data.length} values.`);
  };
  if (dims.length !== 5 || dims.reduce((product, n) => product * n, 1) !== data.length)
    refuse("Patches are a tensor [batch, channel, k, j, i]");
  if (dims[1] !== channels) {
    const names = inputs.flatMap((input) => input.channels.map(({ name }) => name));
    refuse(`The model takes patches of ${channels} channel(s) (${names.join(", ")})`);
  }
  if (flat && dims[2] !== 1) refuse("The model is 2-D and takes patches of one slice along k");
  if (patch.divisibleBy.some((d, axis) => dims[4 - axis]! % d !== 0))
    refuse(`The model takes windows whose sides i, j, k are multiples of [${patch.divisibleBy}]`);
}

/** The session's inputs for `count` patches from number `from`; past the last patch they are 0. */
function inputsOf(
  patches: Tensor,
  from: number,
  count: number,
  card: ModelCard,
  vector: readonly number[],
  flat: boolean,
): Tensors {
  const [n, all, nk, nj, ni] = patches.dims as [number, number, number, number, number];
  const size = nk * nj * ni;
  const inputs: Record<string, Tensor> = {};
  let firstChannel = 0;
  for (const { name, channels } of card.inputs) {
    const dims = flat ? [count, channels.length, nj, ni] : [count, channels.length, nk, nj, ni];
    const untouched =
      card.inputs.length === 1 && count === n && channels.every(({ offset, scale }) => offset === 0 && scale === 1);
    const data = untouched ? patches.data : new Float32Array(count * channels.length * size);
    if (!untouched)
      for (let m = 0; m < Math.min(count, n - from); m++)
        channels.forEach(({ offset, scale }, c) => {
          const source = ((from + m) * all + firstChannel + c) * size;
          const to = (m * channels.length + c) * size;
          for (let v = 0; v < size; v++) data[to + v] = (patches.data[source + v]! - offset) / scale;
        });
    inputs[name] = { dims, data };
    firstChannel += channels.length;
  }
  if (card.conditions) {
    const data = Float32Array.from({ length: count * vector.length }, (_, v) => vector[v % vector.length]!);
    inputs[card.conditions.input] = { dims: [count, vector.length], data };
  }
  return inputs;
}

function checkedOutput(output: Tensor | undefined, name: string, n: number, window: readonly number[], flat: boolean): Tensor {
  const spatial = flat ? window.slice(1) : window;
  const dims = output?.dims ?? [];
  if (!output || [dims[0], ...dims.slice(2)].join() !== [n, ...spatial].join())
    throw new GadoliniteError(
      "bad-model",
      `Output "${name}" must be a tensor [${n}, channels, ${spatial.join(", ")}] like the patches, but is ${output ? `[${dims.join(", ")}]` : "not there"}.`,
    );
  return output;
}

function scaledBack(runs: readonly Tensor[], n: number, window: readonly number[], { output }: ModelCard): Tensor {
  const channels = runs[0]!.dims[1]!;
  const size = channels * window.reduce((product, d) => product * d, 1);
  let { data } = runs[0]!;
  if (runs.length > 1 || data.length !== n * size) {
    data = new Float32Array(n * size);
    let at = 0;
    for (const run of runs) {
      data.set(run.data.subarray(0, Math.min(run.data.length, data.length - at)), at);
      at += run.data.length;
    }
  }
  // The session's outputs belong to the caller, so they may be overwritten.
  if (output.offset !== 0 || output.scale !== 1)
    for (let v = 0; v < data.length; v++) data[v] = data[v]! * output.scale + output.offset;
  return { dims: [n, channels, ...window], data };
}
