import { GadoliniteError } from "../core/errors.js";
import type { StoredDtype } from "./niftiTypes.js";
import { numbersOf, quoted, sizesOf } from "./textHeader.js";

/** What a MetaImage says about itself. */
export interface MetaImageHeader {
  readonly format: "metaimage";
  /** How voxels are stored. */
  readonly dtype: StoredDtype;
  readonly littleEndian: boolean;
  readonly encoding: "raw" | "zlib" | "ascii";
  /** Size of each of the file's axes; the first runs fastest. */
  readonly dims: readonly number[];
  /** Millimetres along each axis. */
  readonly spacing: readonly number[];
  /** Direction of the first axis, then of the next, in LPS: NDims × NDims numbers. */
  readonly transformMatrix: readonly number[];
  /** LPS of the first voxel's centre. */
  readonly offset: readonly number[];
  /** Bytes before the voxels in the data file; −1: whatever comes before them. */
  readonly headerSize: number;
  /** Bytes that the voxels take compressed, if it is said. */
  readonly compressedBytes?: number;
  /** Name of the file that holds the voxels, if it is another one. */
  readonly dataFile?: string;
  /** All fields, as they are written. */
  readonly fields: Readonly<Record<string, string>>;
}

/** MetaIO's long has four bytes on every machine. */
export const META_TYPES: Readonly<Record<string, StoredDtype>> = {
  ...{ MET_CHAR: "int8", MET_ASCII_CHAR: "int8", MET_UCHAR: "uint8", MET_SHORT: "int16", MET_USHORT: "uint16", MET_INT: "int32" },
  ...{ MET_UINT: "uint32", MET_LONG: "int32", MET_ULONG: "uint32", MET_LONG_LONG: "int64", MET_ULONG_LONG: "uint64" },
  ...{ MET_FLOAT: "float32", MET_DOUBLE: "float64" },
};

const DATA_FILE = "ElementDataFile";

/** The data file is named last. */
export const endsMetaImageHeader = (line: string): boolean => /^\s*ElementDataFile\s*[=:]/.test(line);

/**
 * Reads the lines of a MetaImage header.
 *
 * @param ended whether the line that must be last was found
 * @throws `bad-file` if a field is said twice, missing or makes no sense, `unsupported` for what is not read
 */
export function parseMetaImageHeader(lines: readonly string[], ended: boolean): MetaImageHeader {
  if (!ended)
    throw new GadoliniteError("bad-file", `The MetaImage header does not end with ${DATA_FILE}: it is cut short or damaged.`);
  const fields = fieldsOf(lines);
  const first = (...names: readonly string[]) => names.map((name) => fields.get(name)).find((text) => text !== undefined);
  const need = (name: string) => {
    const text = fields.get(name);
    if (text === undefined)
      throw new GadoliniteError("bad-file", `The MetaImage header has no ${name}: it is cut short or damaged.`);
    return text;
  };
  checkReadable(fields);
  const rank = Number(need("NDims"));
  if (!(Number.isInteger(rank) && rank >= 1 && rank <= 10))
    throw new GadoliniteError("bad-file", `A MetaImage has 1 to 10 axes, but this header says ${quoted(need("NDims"))}.`);
  const numbers = (names: readonly string[], count: number, otherwise: (n: number) => number) => {
    const text = first(...names);
    return text === undefined ? Array.from({ length: count }, (_, n) => otherwise(n)) : numbersOf(names[0]!, text, count);
  };
  const spacing = numbers(["ElementSpacing", "ElementSize"], rank, () => 1);
  if (!spacing.every((s) => s > 0))
    throw new GadoliniteError("bad-file", `The header's ElementSpacing must be positive, but is ${spacing.join(" ")}.`);
  const compressed = flagOf("CompressedData", fields.get("CompressedData"), false);
  const binary = flagOf("BinaryData", fields.get("BinaryData"), false);
  if (compressed && !binary)
    throw new GadoliniteError("bad-file", "The header says that the voxels are text, and compressed: one is wrong.");
  const dataFile = dataFileOf(need(DATA_FILE));
  const compressedBytes = Number(fields.get("CompressedDataSize") ?? 0);
  if (!(Number.isSafeInteger(compressedBytes) && compressedBytes >= 0))
    throw new GadoliniteError("bad-file", `The header's CompressedDataSize is ${quoted(need("CompressedDataSize"))}.`);
  return {
    format: "metaimage",
    dtype: dtypeOf(need("ElementType")),
    littleEndian: !flagOf("BinaryDataByteOrderMSB", first("BinaryDataByteOrderMSB", "ElementByteOrderMSB"), false),
    encoding: compressed ? "zlib" : binary ? "raw" : "ascii",
    dims: sizesOf("DimSize", need("DimSize"), rank),
    spacing,
    transformMatrix: numbers(["TransformMatrix", "Rotation", "Orientation"], rank * rank, (n) => (n % (rank + 1) === 0 ? 1 : 0)),
    offset: numbers(["Offset", "Position", "Origin"], rank, () => 0),
    headerSize: headerSizeOf(fields.get("HeaderSize"), dataFile),
    ...(compressed && compressedBytes > 0 ? { compressedBytes } : {}),
    ...(dataFile === undefined ? {} : { dataFile }),
    fields: Object.fromEntries(fields),
  };
}

function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    if (line.trim() === "") continue;
    const [, name, value] = /^\s*([^\s=:]+)\s*[=:](.*)$/.exec(line) ?? [];
    if (name === undefined)
      throw new GadoliniteError("bad-file", `No line of a MetaImage header reads ${quoted(line)}: the header is damaged.`);
    if (fields.has(name)) throw new GadoliniteError("bad-file", `The MetaImage header says ${quoted(name)} twice.`);
    fields.set(name, value!.trim());
  }
  return fields;
}

/** What would be read otherwise than its writer meant is refused. */
function checkReadable(fields: ReadonlyMap<string, string>): void {
  const is = (name: string, ...values: readonly string[]) => {
    const text = fields.get(name);
    return text === undefined || values.includes(text) || values.includes(String(Number(text)));
  };
  if (!is("ObjectType", "Image"))
    throw new GadoliniteError(
      "unsupported",
      `The file holds an object of type ${quoted(fields.get("ObjectType")!)}; an Image is read.`,
    );
  if (!is("ElementNumberOfChannels", "1"))
    throw new GadoliniteError(
      "unsupported",
      `The file holds ${quoted(fields.get("ElementNumberOfChannels")!)} values (colours, vectors) for each voxel; a volume has one. Split the file.`,
    );
  if (!(is("ElementToIntensityFunctionSlope", "1") && is("ElementToIntensityFunctionOffset", "0")))
    throw new GadoliniteError(
      "unsupported",
      "The header scales its voxels (ElementToIntensityFunction), which some programs apply and ITK does not. Save the file with the values meant.",
    );
}

function flagOf(name: string, text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined) return otherwise;
  if (/^(true|t|1|yes)$/i.test(text)) return true;
  if (/^(false|f|0|no)$/i.test(text)) return false;
  throw new GadoliniteError("bad-file", `The header's ${name} must be True or False, but is ${quoted(text)}.`);
}

function dtypeOf(text: string): StoredDtype {
  const dtype = Object.hasOwn(META_TYPES, text) ? META_TYPES[text] : undefined;
  if (dtype) return dtype;
  if (/^MET_(\w+_(ARRAY|MATRIX)|STRING|NONE|OTHER)$/.test(text))
    throw new GadoliniteError("unsupported", `The voxels are ${text}; gadolinite reads one number each.`);
  throw new GadoliniteError("bad-file", `The header's ElementType ${quoted(text)} is none of MetaImage's.`);
}

function headerSizeOf(text: string | undefined, dataFile: string | undefined): number {
  const size = Number(text ?? 0);
  if (!(Number.isSafeInteger(size) && size >= -1))
    throw new GadoliniteError("bad-file", `The header's HeaderSize must be −1, 0 or more, but is ${quoted(text!)}.`);
  if (size > 0 && dataFile === undefined)
    throw new GadoliniteError("unsupported", "HeaderSize is read for voxels in another file. Save the file without it.");
  return size;
}

function dataFileOf(text: string): string | undefined {
  if (/^local$/i.test(text)) return undefined;
  if (/^LIST(\s|$)/i.test(text) || /%[0-9]*d/.test(text))
    throw new GadoliniteError("unsupported", "The voxels are spread over several files. Save them as one file.");
  if (text === "") throw new GadoliniteError("bad-file", `The header's ${DATA_FILE} has no name.`);
  return text;
}
