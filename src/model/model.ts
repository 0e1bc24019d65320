import type { ModelCard } from "./modelCard.js";
import { cardOf } from "./withCard.js";

/** A network: the bytes of an ONNX file, and the card that says how to use it. */
export interface Model {
  readonly bytes: Uint8Array;
  readonly card?: ModelCard;
}

export interface CreateModelOptions {
  /** The card, where it isn't in the file; it goes before the one that is. */
  readonly card?: ModelCard;
}

/**
 * A model from the bytes of an ONNX file, with the card that it carries.
 *
 * @param bytes a whole .onnx file; kept, not copied
 * @throws `bad-model` if the bytes are no ONNX model, or the card in it is not valid
 * @example
 * const model = createModel(await readFile("model.onnx"));
 */
export function createModel(bytes: Uint8Array, options: CreateModelOptions = {}): Model {
  const card = options.card ?? cardOf(bytes);
  return card ? { bytes, card } : { bytes };
}
