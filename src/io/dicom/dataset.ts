import { parseItems } from "./parseElements.js";
import { type Keyword, TAGS } from "./tags.js";

/** How elements are written. */
export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

export interface Element {
  readonly value: Uint8Array;
  /** The value representation that stands in the file; implicit files have none. */
  readonly vr?: string;
  /** Parsed already, where the length was undefined. */
  readonly items?: readonly Dataset[];
  /** Pixel data in pieces, the first of which is the table of offsets. */
  readonly fragments?: readonly Uint8Array[];
}

/** Elements by their tags. */
export interface Dataset extends Encoding {
  readonly elements: ReadonlyMap<number, Element>;
}

/** The element of a keyword, if it is there. */
export const element = (dataset: Dataset, keyword: Keyword): Element | undefined => dataset.elements.get(TAGS[keyword][0]);

/** Items of a sequence; none if it is absent. */
export function items(dataset: Dataset, keyword: Keyword): readonly Dataset[] {
  const found = element(dataset, keyword);
  return found ? (found.items ?? parseItems(found.value, dataset)) : [];
}

/** Text of an element, without padding; undefined where it is absent or empty. Values of several are parted by a backslash. */
export function text(dataset: Dataset, keyword: Keyword, characters = "latin1"): string | undefined {
  const found = element(dataset, keyword);
  if (!found) return undefined;
  const decoded = new TextDecoder(characters).decode(found.value.slice()).replace(/[\s\0]+$/, "");
  return decoded.trim() || undefined;
}

/** The values of a text element. */
export const texts = (dataset: Dataset, keyword: Keyword): readonly string[] =>
  text(dataset, keyword)
    ?.split("\\")
    .map((part) => part.trim()) ?? [];

/** Numbers of an element, written as text or in binary, as its value representation says; NaN for what is none. */
export function numbers(dataset: Dataset, keyword: Keyword): readonly number[] {
  const found = element(dataset, keyword);
  if (!found) return [];
  const vr = TAGS[keyword][1];
  if (vr === "US" || vr === "UL" || vr === "FD") return binary(found.value, vr, dataset.littleEndian);
  return texts(dataset, keyword).map((part) => (DECIMAL.test(part) ? Number(part) : Number.NaN));
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function binary(value: Uint8Array, vr: "US" | "UL" | "FD", littleEndian: boolean): readonly number[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const size = { US: 2, UL: 4, FD: 8 }[vr];
  const read = (at: number) =>
    vr === "US"
      ? view.getUint16(at, littleEndian)
      : vr === "UL"
        ? view.getUint32(at, littleEndian)
        : view.getFloat64(at, littleEndian);
  return Array.from({ length: Math.floor(value.length / size) }, (_, n) => read(n * size));
}

/** The first number of an element, if it has one. */
export const number = (dataset: Dataset, keyword: Keyword): number | undefined => numbers(dataset, keyword)[0];

/** Names by which TextDecoder knows what SpecificCharacterSet names; without one it is ASCII. */
const CHARACTERS: Readonly<Record<string, string>> = {
  "ISO_IR 192": "utf-8",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
  "ISO_IR 148": "iso-8859-9",
  "ISO_IR 13": "shift_jis",
  "ISO_IR 166": "windows-874",
  GB18030: "gb18030",
  GBK: "gbk",
};

/** Free text, in the characters that the file says it is written in. */
export function freeText(dataset: Dataset, keyword: Keyword): string | undefined {
  const [set = ""] = texts(dataset, "SpecificCharacterSet");
  return text(dataset, keyword, CHARACTERS[set] ?? "latin1");
}
