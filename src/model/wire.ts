import { GadoliniteError } from "../core/errors.js";

/*
 * The wire format of protobuf, as far as ONNX needs it (https://protobuf.dev/programming-guides/encoding): a message is a row of fields,
 * each a varint tag (number · 8 + wire type) and its content. Nothing here recurses, copies or allocates by a length that a file states.
 */

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED32 = 5;

/**
 * Calls `visit` for each field of the message bytes[start, end): `from` and `to` enclose its content (for a varint, its own bytes).
 *
 * @throws `bad-model` where the bytes are no such message: a length beyond the end, an endless varint, an unknown wire type
 */
export function eachField(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (field: number, wireType: number, from: number, to: number) => void,
): void {
  for (let at = start; at < end; ) {
    const tagEnd = varintEnd(bytes, at, end);
    const tag = readVarint(bytes, at, tagEnd);
    const wireType = tag % 8;
    const field = Math.floor(tag / 8);
    if (field < 1 || field > 0x1fffffff) throw damaged(at, `${field} is no field number`);
    let from = tagEnd;
    let to: number;
    if (wireType === VARINT) to = varintEnd(bytes, from, end);
    else if (wireType === FIXED64) to = from + 8;
    else if (wireType === FIXED32) to = from + 4;
    else if (wireType === LENGTH_DELIMITED) {
      from = varintEnd(bytes, tagEnd, end);
      to = from + readVarint(bytes, tagEnd, from);
    } else throw damaged(at, `${wireType} is no wire type`);
    if (!(to <= end)) throw damaged(at, `a field of ${to - from} bytes begins where ${end - from} are left`);
    visit(field, wireType, from, to);
    at = to;
  }
}

function varintEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end && i < at + 10; i++) if (bytes[i]! < 0x80) return i + 1;
  throw damaged(at, "a number has no end");
}

/** The unsigned number in bytes[from, to); beyond 2⁵³ only roughly, which is enough to refuse it. */
export function readVarint(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = to - 1; i >= from; i--) value = value * 128 + (bytes[i]! & 0x7f);
  return value;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of at most 16 MiB in UTF-8. */
export function readText(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > 1 << 24) throw damaged(from, `a text of ${to - from} bytes is too long`);
  try {
    return UTF8.decode(bytes.slice(from, to));
  } catch (cause) {
    throw damaged(from, "a text is not UTF-8", cause);
  }
}

/** The refusal of bytes that are no ONNX model. */
export function damaged(at: number, reason: string, cause?: unknown): GadoliniteError {
  return new GadoliniteError(
    "bad-model",
    `This is no ONNX model, or a damaged one: at byte ${at}, ${reason}. Expected the bytes of a whole .onnx file.`,
    { cause },
  );
}

/** A length-delimited field, ready to be written: tag, length, content. */
export function lengthDelimited(field: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return concatenate([Uint8Array.from([...varint(field * 8 + LENGTH_DELIMITED), ...varint(length)]), ...content]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
