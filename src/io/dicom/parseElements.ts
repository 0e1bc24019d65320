import { GadoliniteError } from "../../core/errors.js";
import type { Dataset, Element, Encoding } from "./dataset.js";
import { TAGS, tagName } from "./tags.js";

// Value representations whose length takes 32 bits, after two bytes that are reserved.
const LONG = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const PIXEL_DATA = TAGS.PixelData[0];

// No object of MR nests deeper; without a limit a file of nothing but item headers would exhaust the stack.
const MAX_DEPTH = 16;
// Ten thousand frames with some hundred elements each.
const MAX_ELEMENTS = 2_000_000;

/** What is read, how far it goes, and how many elements may still come. */
interface Reader extends Encoding {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  budget: { left: number };
}

interface Header {
  readonly tag: number;
  readonly vr: string | undefined;
  readonly length: number;
}

const readerOf = (bytes: Uint8Array, at: number, { explicit, littleEndian }: Encoding): Reader => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  at,
  explicit,
  littleEndian,
  budget: { left: MAX_ELEMENTS },
});

/**
 * Parses the elements of a dataset up to and with the pixel data, or those of one group. Values are views of the bytes, not
 * copies; sequences of a defined length are parsed when they are asked for, by {@link parseItems}.
 *
 * @returns the elements, and where the first that was not parsed begins
 * @throws `bad-file` if an element reaches beyond the bytes, or is none
 */
export function parseElements(
  bytes: Uint8Array,
  start: number,
  encoding: Encoding,
  group?: number,
): { readonly dataset: Dataset; readonly end: number } {
  const reader = readerOf(bytes, start, encoding);
  const elements = new Map<number, Element>();
  while (reader.at < bytes.length) {
    if (group !== undefined && groupAt(reader) !== group) break;
    const header = readHeader(reader);
    elements.set(header.tag, readElement(reader, header, 0));
    if (header.tag === PIXEL_DATA) break;
  }
  return { dataset: { ...encoding, elements }, end: reader.at };
}

/** Parses the items of a sequence whose length was defined. */
export function parseItems(value: Uint8Array, encoding: Encoding): readonly Dataset[] {
  return readItems(readerOf(value, 0, encoding), 1, value.length);
}

function groupAt(reader: Reader): number {
  need(reader, 8);
  return reader.view.getUint16(reader.at, reader.littleEndian);
}

function readHeader(reader: Reader): Header {
  const { view, bytes, littleEndian } = reader;
  const group = groupAt(reader);
  const tag = group * 0x10000 + view.getUint16(reader.at + 2, littleEndian);
  const after = reader.at + 4;
  if (!reader.explicit || group === 0xfffe) {
    reader.at += 8;
    return { tag, vr: undefined, length: view.getUint32(after, littleEndian) };
  }
  const vr = String.fromCharCode(bytes[after]!, bytes[after + 1]!);
  if (!/^[A-Z]{2}$/.test(vr))
    throw new GadoliniteError(
      "bad-file",
      `Element ${tagName(tag)} at byte ${reader.at} has no value representation: the file is damaged, or not of the transfer syntax that it names.`,
    );
  if (!LONG.has(vr)) {
    reader.at += 8;
    return { tag, vr, length: view.getUint16(after + 2, littleEndian) };
  }
  need(reader, 12);
  reader.at += 12;
  return { tag, vr, length: view.getUint32(after + 4, littleEndian) };
}

function readElement(reader: Reader, { tag, vr, length }: Header, depth: number): Element {
  if (--reader.budget.left < 0)
    throw new GadoliniteError("bad-file", `More than ${MAX_ELEMENTS} elements come before the pixels: the file is damaged.`);
  const known = vr === undefined ? {} : { vr };
  if (length !== UNDEFINED) return { ...known, value: take(reader, tag, length) };
  const start = reader.at;
  if (tag === PIXEL_DATA) return { ...known, fragments: readFragments(reader), value: reader.bytes.subarray(start, reader.at) };
  // What is unknown and of undefined length is written implicitly, whatever the rest is (PS3.5, 6.2.2).
  const inner = vr === "UN" ? { ...reader, explicit: false, littleEndian: true } : reader;
  const items = readItems(inner, depth + 1, undefined);
  reader.at = inner.at;
  return { ...known, items, value: reader.bytes.subarray(start, reader.at) };
}

function readItems(reader: Reader, depth: number, end: number | undefined): readonly Dataset[] {
  if (depth > MAX_DEPTH)
    throw new GadoliniteError(
      "bad-file",
      `Sequences are nested more than ${MAX_DEPTH} deep at byte ${reader.at}: it is damaged.`,
    );
  const items: Dataset[] = [];
  while (end === undefined || reader.at < end) {
    const { tag, length } = readHeader(reader);
    if (tag === SEQUENCE_END) break;
    if (tag !== ITEM)
      throw new GadoliniteError(
        "bad-file",
        `A sequence holds ${tagName(tag)} at byte ${reader.at - 8} where an item should begin.`,
      );
    items.push(length === UNDEFINED ? readOpenItem(reader, depth) : readClosedItem(reader, depth, take(reader, tag, length)));
  }
  return items;
}

/** An item that a delimiter ends. */
function readOpenItem(reader: Reader, depth: number): Dataset {
  const elements = new Map<number, Element>();
  for (;;) {
    const header = readHeader(reader);
    if (header.tag === ITEM_END) break;
    elements.set(header.tag, readElement(reader, header, depth));
  }
  const { explicit, littleEndian } = reader;
  return { explicit, littleEndian, elements };
}

function readClosedItem(outer: Reader, depth: number, bytes: Uint8Array): Dataset {
  const { explicit, littleEndian } = outer;
  const reader = { ...readerOf(bytes, 0, outer), budget: outer.budget };
  const elements = new Map<number, Element>();
  while (reader.at < bytes.length) {
    const header = readHeader(reader);
    elements.set(header.tag, readElement(reader, header, depth));
  }
  return { explicit, littleEndian, elements };
}

function readFragments(reader: Reader): readonly Uint8Array[] {
  const fragments: Uint8Array[] = [];
  for (;;) {
    const { tag, length } = readHeader(reader);
    if (tag === SEQUENCE_END) return fragments;
    if (tag !== ITEM || length === UNDEFINED)
      throw new GadoliniteError("bad-file", `The compressed pixels are damaged at byte ${reader.at - 8}.`);
    fragments.push(take(reader, PIXEL_DATA, length));
  }
}

function take(reader: Reader, tag: number, length: number): Uint8Array {
  const left = reader.bytes.length - reader.at;
  if (length > left)
    throw new GadoliniteError(
      "bad-file",
      `Element ${tagName(tag)} announces ${length} bytes, of which ${left} are there: the file is cut short or damaged.`,
    );
  const value = reader.bytes.subarray(reader.at, reader.at + length);
  reader.at += length;
  return value;
}

function need(reader: Reader, count: number): void {
  if (reader.bytes.length - reader.at < count)
    throw new GadoliniteError("bad-file", `The file is cut short: it ends within an element that begins at byte ${reader.at}.`);
}
