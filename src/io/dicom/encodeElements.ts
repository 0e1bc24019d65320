import { GadoliniteError } from "../../core/errors.js";
import { joinPieces } from "../joinPieces.js";
import { type Keyword, TAGS } from "./tags.js";

/** Elements to be written, by keyword: text, unsigned 16-bit numbers, bytes as they are, or the items of a sequence. */
export type Elements = { readonly [K in Keyword]?: string | readonly number[] | Uint8Array | readonly Elements[] };

const LONG = new Set(["OB", "OW", "SQ", "UN"]);

/** Elements in Explicit VR Little Endian, by rising tag. Throws `out-of-range` for text that is longer than an element may be. */
export function encodeElements(elements: Elements): Uint8Array<ArrayBuffer> {
  const keywords = (Object.keys(elements) as Keyword[]).filter((keyword) => elements[keyword] !== undefined);
  keywords.sort((a, b) => TAGS[a][0] - TAGS[b][0]);
  return joinPieces(keywords.flatMap((keyword) => [...encoded(keyword, elements[keyword]!)]));
}

function encoded(keyword: Keyword, content: NonNullable<Elements[Keyword]>): readonly [head: Uint8Array, value: Uint8Array] {
  const [tag, vr] = TAGS[keyword];
  const value = padded(bytesOf(content), vr === "UI" || vr === "OB" ? 0 : 0x20);
  const long = LONG.has(vr);
  if (!long && value.length > 0xffff)
    throw new GadoliniteError("out-of-range", `${keyword} has ${value.length} bytes; at most 65535 fit. Shorten it.`);
  const view = new DataView(new ArrayBuffer(long ? 12 : 8));
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  view.setUint8(4, vr.charCodeAt(0));
  view.setUint8(5, vr.charCodeAt(1));
  if (long) view.setUint32(8, value.length, true);
  else view.setUint16(6, value.length, true);
  return [new Uint8Array(view.buffer), value];
}

function bytesOf(content: NonNullable<Elements[Keyword]>): Uint8Array {
  if (content instanceof Uint8Array) return content;
  if (typeof content === "string") return new TextEncoder().encode(content);
  if (content.every((value) => typeof value === "number")) {
    const view = new DataView(new ArrayBuffer(2 * content.length));
    content.forEach((value, n) => view.setUint16(2 * n, value, true));
    return new Uint8Array(view.buffer);
  }
  return joinPieces((content as readonly Elements[]).map(item));
}

function item(elements: Elements): Uint8Array {
  const body = encodeElements(elements);
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, 0xe000fffe, true);
  head.setUint32(4, body.length, true);
  return joinPieces([new Uint8Array(head.buffer), body]);
}

/** Elements have an even length. */
function padded(bytes: Uint8Array, filler: number): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const even = new Uint8Array(bytes.length + 1).fill(filler);
  even.set(bytes);
  return even;
}

/** A file: preamble, meta information, and the elements, in Explicit VR Little Endian. */
export function encodeFile(
  elements: Elements & { readonly SOPClassUID: string; readonly SOPInstanceUID: string },
): Uint8Array<ArrayBuffer> {
  const meta = encodeElements({
    FileMetaInformationVersion: Uint8Array.of(0, 1),
    MediaStorageSOPClassUID: elements.SOPClassUID,
    MediaStorageSOPInstanceUID: elements.SOPInstanceUID,
    TransferSyntaxUID: "1.2.840.10008.1.2.1",
    ImplementationClassUID: IMPLEMENTATION,
    ImplementationVersionName: "GADOLINITE",
  });
  const length = new Uint8Array(12);
  length.set([2, 0, 0, 0, 0x55, 0x4c, 4, 0]);
  new DataView(length.buffer).setUint32(8, meta.length, true);
  const start = new Uint8Array(132);
  start.set([0x44, 0x49, 0x43, 0x4d], 128);
  return joinPieces([start, length, meta, encodeElements(elements)]);
}

// Made once from a random UUID, as PS3.5, B.2 allows.
const IMPLEMENTATION = "2.25.329800735698586629295641978511506172918";
