import { GadoliniteError } from "../../core/errors.js";
import { joinPieces } from "../joinPieces.js";

/** What the main header of a codestream says. */
export interface Codestream {
  readonly columns: number;
  readonly rows: number;
  /** Bits of a sample, with its sign. */
  readonly precision: number;
  readonly signed: boolean;
  readonly progression: number;
  readonly layers: number;
  /** How often the image was halved. */
  readonly levels: number;
  /** Base-2 logarithms of the sides of code blocks, and of the precincts of each resolution. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly precincts: readonly (readonly [width: number, height: number])[];
  readonly segmentationSymbols: boolean;
  readonly packetMarkers: { readonly start: boolean; readonly end: boolean };
  readonly reversible: boolean;
  readonly guardBits: number;
  /** Exponent and mantissa of the quantisation of each band: LL, then HL, LH, HH of each resolution. */
  readonly steps: readonly (readonly [exponent: number, mantissa: number])[];
  /** The packets, of all parts of the tile. */
  readonly packets: Uint8Array;
}

type Header = Omit<Codestream, "packets">;
type Coding = Omit<Header, "columns" | "rows" | "precision" | "signed" | "guardBits" | "steps">;

const [SOC, SIZ, COD, QCD, SOT, SOD, EOC] = [0xff4f, 0xff51, 0xff52, 0xff5c, 0xff90, 0xff93, 0xffd9];
// Markers that change nothing of what is decoded here: lengths of tiles and packets, registration, comments.
const IGNORED: ReadonlySet<number> = new Set([0xff55, 0xff57, 0xff58, 0xff63, 0xff64]);

/** Marks what can't be right. */
export const damaged = (what: string) => new GadoliniteError("bad-file", `A JPEG 2000 frame is damaged: ${what}.`);
const unsupported = (what: string) =>
  new GadoliniteError("unsupported", `A JPEG 2000 frame has ${what}, which is not read. Convert the file first.`);

/**
 * Reads the headers of a JPEG 2000 codestream of one component and one tile, all that MR images need.
 *
 * @throws `bad-file` if it is damaged or cut short, `unsupported` for several components or tiles and rare kinds of coding
 * @see ITU-T T.800, annex A
 */
export function parseCodestream(bytes: Uint8Array): Codestream {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (at: number) => {
    if (at + 2 > bytes.length) throw damaged("it is cut short");
    return view.getUint16(at);
  };
  if (u16(0) !== SOC) throw damaged("it does not begin as a codestream");
  let at = 2;
  let size: Pick<Header, "columns" | "rows" | "precision" | "signed"> | undefined;
  let coding: Coding | undefined;
  let quantisation: Pick<Header, "guardBits" | "steps"> | undefined;
  while (u16(at) !== SOT) {
    const [marker, length] = [u16(at), u16(at + 2)];
    if (length < 2 || at + 2 + length > bytes.length) throw damaged("a marker reaches beyond its end");
    const segment = new DataView(bytes.buffer, bytes.byteOffset + at + 4, length - 2);
    if (marker === SIZ) size = readSize(segment);
    else if (marker === COD) coding = readCoding(segment);
    else if (marker === QCD) quantisation = readQuantisation(segment);
    else if (!IGNORED.has(marker)) throw unsupported(`marker ${marker.toString(16)}`);
    at += 2 + length;
  }
  if (!size || !coding || !quantisation) throw damaged("a header is missing");
  if (quantisation.steps.length < 3 * coding.levels + 1) {
    if (quantisation.steps.length !== 1) throw damaged("the quantisation of a band is missing");
    quantisation = { ...quantisation, steps: derivedSteps(quantisation.steps[0]!, coding.levels) };
  }
  return { ...size, ...coding, ...quantisation, packets: tileParts(bytes, at, u16) };
}

function readSize(segment: DataView): Pick<Header, "columns" | "rows" | "precision" | "signed"> {
  if (segment.byteLength < 39) throw damaged("its size is cut short");
  const [columns, rows, left, top, tileWidth, tileHeight, tileLeft, tileTop] = Array.from({ length: 8 }, (_, n) =>
    segment.getUint32(2 + 4 * n),
  ) as [number, number, number, number, number, number, number, number];
  if (segment.getUint16(34) !== 1) throw unsupported("several components");
  if (segment.getUint16(37) !== 0x0101) throw unsupported("a component that is not sampled at every pixel");
  if (left || top || tileLeft || tileTop) throw unsupported("an offset");
  if (columns === 0 || rows === 0) throw damaged("it has no pixels");
  if (tileWidth < columns || tileHeight < rows) throw unsupported("several tiles");
  const depth = segment.getUint8(36);
  return { columns, rows, precision: (depth & 0x7f) + 1, signed: depth >= 0x80 };
}

function readCoding(segment: DataView): Coding {
  if (segment.byteLength < 10) throw damaged("its coding style is cut short");
  const flags = segment.getUint8(0);
  const levels = segment.getUint8(5);
  const style = segment.getUint8(8);
  const [blockWidth, blockHeight] = [segment.getUint8(6) + 2, segment.getUint8(7) + 2];
  if (levels > 32 || segment.getUint16(2) === 0 || blockWidth > 10 || blockHeight > 10 || blockWidth + blockHeight > 12)
    throw damaged("its coding style is none");
  // All but segmentation symbols: bypass, reset, termination, vertical context.
  if (style & ~0x20) throw unsupported(`code blocks of style ${style}`);
  const given = (flags & 1) !== 0;
  if (given && segment.byteLength < 11 + levels) throw damaged("its precincts are missing");
  const precincts = Array.from({ length: levels + 1 }, (_, r) => {
    const both = given ? segment.getUint8(10 + r) : 0xff;
    if (r > 0 && (both & 0xf) * (both >> 4) === 0) throw damaged("a precinct has no size");
    return [both & 0xf, both >> 4] as const;
  });
  return {
    ...{ progression: segment.getUint8(1), layers: segment.getUint16(2), levels, blockWidth, blockHeight, precincts },
    ...{ segmentationSymbols: style !== 0, packetMarkers: { start: (flags & 2) !== 0, end: (flags & 4) !== 0 } },
    reversible: segment.getUint8(9) === 1,
  };
}

function readQuantisation(segment: DataView): Pick<Header, "guardBits" | "steps"> {
  if (segment.byteLength < 2) throw damaged("its quantisation is cut short");
  const style = segment.getUint8(0);
  const wide = (style & 0x1f) !== 0;
  const steps = Array.from({ length: Math.floor((segment.byteLength - 1) / (wide ? 2 : 1)) }, (_, n): [number, number] => {
    if (!wide) return [segment.getUint8(1 + n) >> 3, 0];
    const both = segment.getUint16(1 + 2 * n);
    return [both >> 11, both & 0x7ff];
  });
  return { guardBits: style >> 5, steps };
}

/** One step for all bands: those of finer resolutions follow from the coarsest (T.800, E-5). */
const derivedSteps = ([exponent, mantissa]: readonly [number, number], levels: number): Header["steps"] =>
  Array.from(
    { length: 3 * levels + 1 },
    (_, n) => [Math.max(0, exponent - Math.max(0, Math.ceil(n / 3) - 1)), mantissa] as const,
  );

/** The packets of the tile's parts, in one. */
function tileParts(bytes: Uint8Array, start: number, u16: (at: number) => number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = start; at < bytes.length && u16(at) !== EOC; ) {
    if (u16(at) !== SOT || at + 12 > bytes.length) throw damaged("a part of its tile is missing");
    if (u16(at + 4) !== 0) throw unsupported("several tiles");
    const announced = u16(at + 6) * 65536 + u16(at + 8);
    // No length: up to the end.
    const end = announced === 0 ? bytes.length : at + announced;
    if (end > bytes.length || end < at + 14) throw damaged("it is cut short");
    let body = at + 12;
    while (u16(body) !== SOD) {
      if (!IGNORED.has(u16(body))) throw unsupported("headers within its tile");
      body += 2 + u16(body + 2);
    }
    parts.push(bytes.subarray(body + 2, end));
    // Packets that are padded to an even length, or to nothing.
    at = end;
    while (at < bytes.length && bytes[at] === 0) at++;
  }
  return joinPieces(parts);
}
