import { GadoliniteError } from "../core/errors.js";
import type { StoredDtype } from "./niftiTypes.js";
import { numberOf, numbersOf, quoted, sizesOf } from "./textHeader.js";

export type NrrdEncoding = "raw" | "gzip" | "ascii" | "hex";

/** What a NRRD file says about itself, as it says it: nothing is corrected here. */
export interface NrrdHeader {
  readonly format: "nrrd";
  readonly version: number;
  /** How voxels are stored. */
  readonly dtype: StoredDtype;
  readonly littleEndian: boolean;
  readonly encoding: NrrdEncoding;
  /** Size of each of the file's 1 to 16 axes; the first runs fastest. */
  readonly dims: readonly number[];
  /** Name of the space, with its abbreviations written out; none if only its dimension is given, or nothing. */
  readonly space?: string;
  readonly spaceDimension?: number;
  /** Step along each axis in that space; undefined for an axis that is not of space. */
  readonly spaceDirections?: readonly (readonly number[] | undefined)[];
  readonly spaceOrigin?: readonly number[];
  /** Name of the file that holds the voxels, if it is another one. */
  readonly dataFile?: string;
  /** All fields, by their lower-case names. */
  readonly fields: Readonly<Record<string, string>>;
  /** What `key:=value` lines say. */
  readonly keyValues: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<StoredDtype, readonly string[]>> = {
  int8: ["signed char", "int8", "int8_t"],
  uint8: ["uchar", "unsigned char", "uint8", "uint8_t"],
  int16: ["short", "short int", "signed short", "signed short int", "int16", "int16_t"],
  uint16: ["ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"],
  int32: ["int", "signed int", "int32", "int32_t"],
  uint32: ["uint", "unsigned int", "uint32", "uint32_t"],
  int64: ["longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"],
  uint64: ["ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"],
  float32: ["float"],
  float64: ["double"],
};

const ENCODINGS: Readonly<Record<string, NrrdEncoding>> = {
  ...{ raw: "raw", gz: "gzip", gzip: "gzip", hex: "hex", txt: "ascii", text: "ascii", ascii: "ascii" },
};

const FIELDS = new Set([
  ...["content", "number", "type", "block size", "dimension", "space", "space dimension", "sizes", "spacings", "thicknesses"],
  ...["axis mins", "axis maxs", "space directions", "centers", "centerings", "kinds", "labels", "units", "min", "max", "old min"],
  ...["old max", "data file", "endian", "encoding", "line skip", "byte skip", "sample units", "space units", "space origin"],
  "measurement frame",
]);
// Some fields may be written in one word.
const SPLIT: Readonly<Record<string, string>> = {
  ...{ blocksize: "block size", axismins: "axis mins", axismaxs: "axis maxs", oldmin: "old min", oldmax: "old max" },
  ...{ datafile: "data file", lineskip: "line skip", byteskip: "byte skip", sampleunits: "sample units", centers: "centerings" },
};

/** The named spaces; those with time have a fourth dimension. */
export const NRRD_SPACES: readonly string[] = [
  ...["right-anterior-superior", "left-anterior-superior", "left-posterior-superior"],
  ...["scanner-xyz", "3d-right-handed", "3d-left-handed"],
].flatMap((name) => [name, `${name}-time`]);

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  ...{ ras: "right-anterior-superior", las: "left-anterior-superior", lps: "left-posterior-superior" },
  ...{ rast: "right-anterior-superior-time", last: "left-anterior-superior-time", lpst: "left-posterior-superior-time" },
};

/** Whether a line ends a NRRD header. */
export const endsNrrdHeader = (line: string): boolean => line === "";

/**
 * Reads the lines of a NRRD header.
 *
 * @param ended whether an empty line ended it, so that voxels may follow
 * @throws `bad-file` if a field is unknown, said twice, missing or makes no sense, `unsupported` for what is not read
 */
export function parseNrrdHeader(lines: readonly string[], ended: boolean): NrrdHeader {
  const version = Number(/^NRRD000([1-5])$/.exec(lines[0]!.trimEnd())?.[1] ?? Number.NaN);
  if (Number.isNaN(version))
    throw new GadoliniteError("bad-file", `A NRRD file begins with NRRD0001 to NRRD0005, not with ${quoted(lines[0]!)}.`);
  const { fields, keyValues } = fieldsOf(lines.slice(1));
  const need = (name: string) => {
    const text = fields.get(name);
    if (text === undefined)
      throw new GadoliniteError("bad-file", `The NRRD header has no field "${name}": it is cut short or damaged.`);
    return text;
  };
  const dimension = Number(need("dimension"));
  if (!(Number.isInteger(dimension) && dimension >= 1 && dimension <= 16))
    throw new GadoliniteError("bad-file", `A NRRD file has 1 to 16 axes, but this header says ${quoted(need("dimension"))}.`);
  const dtype = dtypeOf(need("type"));
  const encoding = encodingOf(need("encoding"));
  const dataFile = dataFileOf(fields.get("data file"));
  if (!ended && dataFile === undefined)
    throw new GadoliniteError("bad-file", "The file is cut short: no empty line ends its header, and it names no other file.");
  return {
    format: "nrrd",
    version,
    dtype,
    littleEndian: littleEndianOf(fields.get("endian"), dtype, encoding),
    encoding,
    dims: sizesOf("sizes", need("sizes"), dimension),
    ...spaceOf(fields, dimension),
    ...(dataFile === undefined ? {} : { dataFile }),
    fields: Object.fromEntries(fields),
    keyValues: Object.fromEntries(keyValues),
  };
}

function fieldsOf(lines: readonly string[]) {
  const fields = new Map<string, string>();
  const keyValues = new Map<string, string>();
  for (const line of lines) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name = "", sign, value = ""] = /^([^:]*)(:=|: ?)(.*)$/.exec(line) ?? [];
    if (sign === ":=") {
      keyValues.set(name, value);
      continue;
    }
    const plain = name.trim().toLowerCase();
    const field = SPLIT[plain] ?? plain;
    // Another name may be a damaged one, and what it says would be lost.
    if (sign === undefined || !FIELDS.has(field))
      throw new GadoliniteError(
        "bad-file",
        `No line of a NRRD header reads ${quoted(line)}: the header is damaged, or not NRRD.`,
      );
    if (fields.has(field)) throw new GadoliniteError("bad-file", `The NRRD header says "${field}" twice.`);
    fields.set(field, value.trim());
  }
  return { fields, keyValues };
}

function dtypeOf(text: string): StoredDtype {
  const name = text.toLowerCase().replace(/\s+/g, " ");
  for (const [dtype, names] of Object.entries(TYPES)) if (names.includes(name)) return dtype as StoredDtype;
  if (name === "block")
    throw new GadoliniteError("unsupported", "The voxels are blocks of bytes; gadolinite reads integers, float and double.");
  throw new GadoliniteError("bad-file", `The header's type ${quoted(text)} is none of NRRD's.`);
}

function encodingOf(text: string): NrrdEncoding {
  const name = text.toLowerCase();
  const encoding = ENCODINGS[name];
  if (encoding) return encoding;
  const known = ({ bz2: "bzip2", bzip2: "bzip2", zrl: "zrl" } as Readonly<Record<string, string>>)[name];
  if (known)
    throw new GadoliniteError(
      "unsupported",
      `The voxels are compressed with ${known}, which gadolinite does not read. Save them as gzip (unu save -f nrrd -e gzip).`,
    );
  throw new GadoliniteError("bad-file", `The header's encoding ${quoted(text)} is none of NRRD's.`);
}

function littleEndianOf(text: string | undefined, dtype: StoredDtype, encoding: NrrdEncoding): boolean {
  const name = text?.toLowerCase();
  if (name === "little" || name === "big") return name === "little";
  if (text === undefined && (encoding === "ascii" || dtype.endsWith("int8"))) return true;
  throw new GadoliniteError(
    "bad-file",
    `The header must say whether the bytes of ${dtype} come with endian: little or big, but says ${text === undefined ? "nothing" : quoted(text)}.`,
  );
}

function dataFileOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^LIST(\s|$)/i.test(text) || /%[0-9]*d.*\s-?\d+\s+-?\d+/.test(text))
    throw new GadoliniteError("unsupported", "The voxels are spread over several files. Save them as one file.");
  if (text === "") throw new GadoliniteError("bad-file", "The header's data file has no name.");
  return text;
}

type Space = Pick<NrrdHeader, "space" | "spaceDimension" | "spaceDirections" | "spaceOrigin">;

function spaceOf(fields: ReadonlyMap<string, string>, axes: number): Space {
  const text = fields.get("space");
  const lower = text?.toLowerCase().replaceAll(/\s+/g, "-");
  const space = lower === undefined ? undefined : (ABBREVIATIONS[lower] ?? lower);
  if (space !== undefined && !NRRD_SPACES.includes(space))
    throw new GadoliniteError("bad-file", `The header's space ${quoted(text!)} is none of NRRD's.`);
  const said = fields.get("space dimension");
  const spaceDimension = space ? (space.endsWith("-time") ? 4 : 3) : said === undefined ? undefined : Number(said);
  const directions = fields.get("space directions");
  const origin = fields.get("space origin");
  if (spaceDimension === undefined) {
    if (directions ?? origin)
      throw new GadoliniteError("bad-file", "The header has directions or an origin in a space that it does not name.");
    return {};
  }
  if (!(spaceDimension >= 1 && spaceDimension <= 4 && Number.isInteger(spaceDimension)))
    throw new GadoliniteError("unsupported", `Spaces of 1 to 4 dimensions are read, not of ${quoted(said!)}.`);
  return {
    ...(space === undefined ? {} : { space }),
    spaceDimension,
    ...(directions === undefined ? {} : { spaceDirections: vectorsOf("space directions", directions, axes, spaceDimension) }),
    ...(origin === undefined ? {} : { spaceOrigin: vectorsOf("space origin", origin, 1, spaceDimension)[0]! }),
  };
}

/** `(1,0,0) none (0, 0, 2)` */
function vectorsOf(field: "space directions" | "space origin", text: string, count: number, length: number) {
  const words = text.match(/\([^()]*\)|[^\s()]+/g) ?? [];
  const vectors = words.map((word) => {
    if (word.toLowerCase() === "none") return undefined;
    const numbers = word.startsWith("(")
      ? word
          .slice(1, -1)
          .split(",")
          .map((part) => numberOf(part.trim()))
      : [];
    if (numbers.length !== length || numbers.includes(undefined)) throw noVectors(field, text, count, length);
    return numbers as number[];
  });
  if (vectors.length !== count || (field === "space origin" && !vectors[0])) throw noVectors(field, text, count, length);
  return vectors;
}

const noVectors = (field: string, text: string, count: number, length: number) =>
  new GadoliniteError(
    "bad-file",
    `The header's ${field} must be ${count} vector${count === 1 ? "" : "s"} of ${length} numbers, (x,y,z), but is ${quoted(text)}.`,
  );

/** Numbers of a field that gives one for each axis, if it is there. */
export const perAxis = ({ fields, dims }: NrrdHeader, field: string): readonly number[] | undefined =>
  fields[field] === undefined ? undefined : numbersOf(field, fields[field], dims.length);
