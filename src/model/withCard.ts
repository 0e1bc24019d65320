import { sha256 } from "../internal/sha256.js";
import { inspectModel, readEntry } from "./inspectModel.js";
import type { ModelCard } from "./modelCard.js";
import { parseCard } from "./parseCard.js";
import { concatenate, eachField, LENGTH_DELIMITED, lengthDelimited } from "./wire.js";

/** Key of the card among a model's `metadata_props`. */
export const CARD_KEY = "gadolinite.card";

const METADATA_PROPS = 14;

/**
 * The card that a model carries, or `undefined` if it carries none.
 *
 * @param bytes a whole .onnx file
 * @throws `bad-model` if the bytes are no ONNX model, or the card in it is not valid
 */
export function cardOf(bytes: Uint8Array): ModelCard | undefined {
  const { metadata } = inspectModel(bytes);
  return Object.hasOwn(metadata, CARD_KEY) ? parseCard(metadata[CARD_KEY]) : undefined;
}

/**
 * The model with this card in it, in place of the one it may carry. Everything else stays byte for byte.
 *
 * @param bytes a whole .onnx file
 * @returns new bytes, with one `metadata_props` entry more at the end
 * @throws `bad-model` if the bytes are no ONNX model, or the card is not valid
 * @example
 * await writeFile("model.onnx", withCard(bytes, card));
 */
export function withCard(bytes: Uint8Array, card: ModelCard): Uint8Array<ArrayBuffer> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const json = JSON.stringify(parseCard(card));
  const entry = lengthDelimited(METADATA_PROPS, lengthDelimited(1, encode(CARD_KEY)), lengthDelimited(2, encode(json)));
  return concatenate([withoutCard(bytes), entry]);
}

/**
 * The model without the card it may carry: the undoing of {@link withCard}.
 *
 * @throws `bad-model` if the bytes are no ONNX model
 */
export function withoutCard(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  inspectModel(bytes);
  const kept: Uint8Array[] = [];
  let keptTo = 0;
  let fieldStart = 0;
  eachField(bytes, 0, bytes.length, (field, wire, from, to) => {
    if (field === METADATA_PROPS && wire === LENGTH_DELIMITED && readEntry(bytes, from, to)[0] === CARD_KEY) {
      kept.push(bytes.subarray(keptTo, fieldStart));
      keptTo = to;
    }
    fieldStart = to;
  });
  return concatenate([...kept, bytes.subarray(keptTo)]);
}

/**
 * SHA-256 of a model, not counting the card in it, as 64 hexadecimal digits: what a card's `sha256` holds.
 *
 * @throws `bad-model` if the bytes are no ONNX model, `unsupported` where the platform has no Web Crypto (a page without HTTPS; load
 *   the model with `{ checksum: false }` there)
 */
export async function modelSha256(bytes: Uint8Array): Promise<string> {
  return sha256(withoutCard(bytes));
}
