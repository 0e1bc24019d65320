import type { SessionValue, Tensor } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import { conditionVector } from "../inference/conditionVector.js";
import type { PredictorOptions } from "../inference/predictor.js";
import type { ModelCard } from "../model/modelCard.js";
import { bindRange } from "./alongAxis.js";
import type { GpuSession } from "./gpuSession.js";
import { type GpuPredictor, type GpuTensor, sizeOf } from "./gpuTensor.js";
import { allocate, dispatch, type Kernel } from "./kernel.js";

const scaleChannel: Kernel = {
  name: "scaleChannel",
  params: { lead: "u32", to: "u32", offset: "f32", factor: "f32" },
  reads: { patches: "f32" },
  writes: { input: "f32" },
  body: "input[p.to + n] = (patches[p.lead + n] - p.offset) * p.factor;",
};

/**
 * Makes a predictor of a session on the GPU, as the model's card says: as `predictor` of `gadolinite/inference`, for one patch at a time.
 *
 * @throws `bad-model` if the card's inputs or output are not the model's, or the output has another size than the patch; `unsupported` for a
 *   model of a fixed batch above 1; `out-of-range` if a condition is missing, unknown or outside its range, or patches have other channels
 * @example
 * const output = await slidingWindow([pre, low], predictor(session, card), { window: [96, 96, 96] });
 */
export function predictor(session: GpuSession, card: ModelCard, { conditions = {} }: PredictorOptions = {}): GpuPredictor {
  const image = imageInput(session, card);
  const flat = image.dims?.length === 4;
  const vector = conditionTensor(card, conditions);
  return async (patches, signal) => {
    const inputs = inputsOf(patches, card, flat);
    try {
      const outputs = await session.run({ ...inputs, ...vector }, signal ? { signal } : {});
      const output = checkedOutput(outputs[card.output.name], patches, card, flat);
      return scaledBack(output, card);
    } finally {
      for (const input of Object.values(inputs)) input.dispose();
    }
  };
}

function imageInput({ inputs }: GpuSession, { name, inputs: [first] }: ModelCard): SessionValue {
  const image = inputs.find((input) => input.name === first!.name);
  if (!image)
    throw new GadoliniteError(
      "bad-model",
      `The card of "${name}" is not that of the model: it names the input "${first!.name}", but the model's are ${inputs.map((input) => `"${input.name}"`).join(", ")}.`,
    );
  if (typeof image.dims?.[0] === "number" && image.dims[0] > 1)
    throw new GadoliniteError(
      "unsupported",
      `The model takes batches of ${image.dims[0]}, but here patches go one by one. Export it with a free batch.`,
    );
  return image;
}

function conditionTensor(card: ModelCard, given: Readonly<Record<string, number>>): Readonly<Record<string, Tensor>> {
  const data = Float32Array.from(conditionVector(card, given));
  return card.conditions ? { [card.conditions.input]: { dims: [1, data.length], data } } : {};
}

/** The network's image inputs: channels of the patches, scaled, in buffers of their own. */
function inputsOf(patches: GpuTensor, card: ModelCard, flat: boolean): Record<string, GpuTensor> {
  const { device } = patches;
  const [n, channels, ...window] = patches.dims as [number, number, ...number[]];
  const wanted = card.inputs.reduce((sum, input) => sum + input.channels.length, 0);
  if (n !== 1 || channels !== wanted || (flat && window[0] !== 1))
    throw new GadoliniteError(
      "out-of-range",
      `The model takes patches [1, ${wanted}, ${flat ? "1, j, i" : "k, j, i"}], but these are [${patches.dims.join(", ")}].`,
    );
  const size = sizeOf(patches) / channels;
  const inputs: Record<string, GpuTensor> = {};
  let from = 0;
  for (const { name, channels } of card.inputs) {
    const buffer = allocate(device, 4 * channels.length * size);
    for (const [c, { offset, scale }] of channels.entries()) {
      const [source, lead] = bindRange(patches.buffer, from++ * size, size);
      const params = { lead, to: c * size, offset, factor: 1 / scale };
      dispatch(device, scaleChannel, { threads: size, params, bindings: [source, { buffer }] });
    }
    const dims = [1, channels.length, ...(flat ? window.slice(1) : window)];
    inputs[name] = { dims, buffer, device, dispose: () => buffer.destroy() };
  }
  return inputs;
}

/** The output with the patches' dimensions. */
function checkedOutput(
  output: GpuTensor | undefined,
  patches: GpuTensor,
  { output: { name } }: ModelCard,
  flat: boolean,
): GpuTensor {
  const window = patches.dims.slice(2);
  const spatial = flat ? window.slice(1) : window;
  if (!output || [output.dims[0], ...output.dims.slice(2)].join() !== [1, ...spatial].join())
    throw new GadoliniteError(
      "bad-model",
      `Output "${name}" must be a tensor [1, channels, ${spatial.join(", ")}] like the patches, but is ${output ? `[${output.dims.join(", ")}]` : "not there"}.`,
    );
  return { ...output, dims: [1, output.dims[1]!, ...window] };
}

/** y · scale + offset. */
function scaledBack(output: GpuTensor, { output: { offset, scale } }: ModelCard): GpuTensor {
  if (offset === 0 && scale === 1) return output;
  const { device, dims } = output;
  const size = sizeOf(output);
  const buffer = allocate(device, 4 * size);
  const params = { lead: 0, to: 0, offset: -offset / scale, factor: scale };
  dispatch(device, scaleChannel, { threads: size, params, bindings: [{ buffer: output.buffer }, { buffer }] });
  output.dispose();
  return { dims, device, buffer, dispose: () => buffer.destroy() };
}
