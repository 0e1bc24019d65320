import { type Keyword, TAGS } from "../../src/io/dicom/tags.js";
import { concat } from "./files.js";

/** What stands in an element: text, numbers in binary, bytes, or items. */
export type Content = string | readonly number[] | Uint8Array | readonly Elements[];

/** Elements of a file by keyword, or by number where it has none here. */
export type Elements = Readonly<Partial<Record<Keyword, Content>>>;

const LONG = ["OB", "OW", "SQ", "UN", "OV"];

function u16(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}
function u32(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

function bytesOf(content: Content, vr: string): Uint8Array {
  if (content instanceof Uint8Array) return content;
  if (typeof content === "string") {
    const bytes = new TextEncoder().encode(content);
    return bytes.length % 2 === 0 ? bytes : concat(bytes, Uint8Array.of(vr === "UI" ? 0 : 32));
  }
  if (vr === "SQ") return concat(...(content as readonly Elements[]).map(item));
  if (vr === "FD") return new Uint8Array(Float64Array.from(content as readonly number[]).buffer);
  return vr === "UL" ? u32(...(content as readonly number[])) : u16(...(content as readonly number[]));
}

const item = (elements: Elements): Uint8Array => {
  const bytes = explicit(elements);
  return concat(u16(0xfffe, 0xe000), u32(bytes.length), bytes);
};

/** Elements in Explicit VR Little Endian, sorted, written independently of `writeDicomSeries`. */
export function explicit(elements: Elements): Uint8Array {
  const sorted = (Object.keys(elements) as Keyword[]).sort((a, b) => TAGS[a][0] - TAGS[b][0]);
  return concat(...sorted.map((keyword) => element(TAGS[keyword][0], TAGS[keyword][1], elements[keyword]!)));
}

export function element(tag: number, vr: string, content: Content, length?: number): Uint8Array {
  const value = bytesOf(content, vr);
  const size = length ?? value.length;
  const head = concat(u16(tag >>> 16, tag & 0xffff), new TextEncoder().encode(vr));
  return concat(head, LONG.includes(vr) ? concat(u16(0), u32(size)) : u16(size), value);
}

/** A file of elements: preamble, meta information, dataset. */
export function dicomFile(elements: Elements, transferSyntax = "1.2.840.10008.1.2.1", dataset = explicit(elements)): Uint8Array {
  const meta = explicit({ TransferSyntaxUID: transferSyntax });
  return concat(new Uint8Array(128), new TextEncoder().encode("DICM"), element(0x00020000, "UL", [meta.length]), meta, dataset);
}

/** One slice of 3×2 pixels at a place, little-endian. */
export function mrSlice({
  k = 0,
  pixels = [1, 2, 3, 4, 5, 6],
  ...change
}: Elements & { k?: number; pixels?: readonly number[] } = {}): Elements {
  return {
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
    SOPInstanceUID: `1.2.3.${k + 1}`,
    Modality: "MR",
    StudyInstanceUID: "1.2.3",
    SeriesInstanceUID: "1.2.4",
    FrameOfReferenceUID: "1.2.5",
    InstanceNumber: `${k + 1}`,
    ImagePositionPatient: `0\\0\\${2 * k}`,
    ImageOrientationPatient: "1\\0\\0\\0\\1\\0",
    PixelSpacing: "1\\1",
    SliceThickness: "2",
    SamplesPerPixel: [1],
    PhotometricInterpretation: "MONOCHROME2",
    Rows: [2],
    Columns: [3],
    BitsAllocated: [16],
    BitsStored: [16],
    HighBit: [15],
    PixelRepresentation: [1],
    PixelData: u16(...pixels),
    ...change,
  };
}

/** An enhanced MR image with frames at these positions; frame n has pixels of n. */
export function enhancedMr(positions: readonly (readonly number[])[], change: Elements = {}): Elements {
  const { ImagePositionPatient, ImageOrientationPatient, PixelSpacing, SliceThickness, ...slice } = mrSlice();
  return {
    ...slice,
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.4.1",
    NumberOfFrames: `${positions.length}`,
    SharedFunctionalGroupsSequence: [
      {
        PlaneOrientationSequence: [{ ImageOrientationPatient: ImageOrientationPatient! }],
        PixelMeasuresSequence: [{ PixelSpacing: PixelSpacing!, SliceThickness: SliceThickness! }],
      },
    ],
    PerFrameFunctionalGroupsSequence: positions.map((position) => ({
      PlanePositionSequence: [{ ImagePositionPatient: position.join("\\") }],
    })),
    PixelData: u16(...positions.flatMap((_, n) => [n, n, n, n, n, n])),
    ...change,
  };
}
