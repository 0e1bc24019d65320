import { GadoliniteError, isGadoliniteError } from "../../core/errors.js";
import { checkBytes, type Inflate } from "../byteSource.js";
import { inflateGzip } from "../inflateGzip.js";
import { joinPieces } from "../joinPieces.js";
import { type Dataset, text } from "./dataset.js";
import { parseElements } from "./parseElements.js";

/** A file of a series: its bytes, with the name that messages call it by. */
export interface DicomFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file whose elements are known. */
export interface DicomObject {
  readonly name: string;
  readonly dataset: Dataset;
  readonly transferSyntax: string;
}

/** How many bytes inflating may still give. */
export interface Allowance {
  left: number;
}

const IMPLICIT = "1.2.840.10008.1.2";
const DEFLATED = "1.2.840.10008.1.2.1.99";
const BIG_ENDIAN = "1.2.840.10008.1.2.2";
const DIRECTORY = "1.2.840.10008.1.3.10";

/** Whether bytes are a DICOM file: it says so after 128 bytes that may be anything. */
export const isDicom = (bytes: Uint8Array): boolean =>
  bytes[128] === 0x44 && bytes[129] === 0x49 && bytes[130] === 0x43 && bytes[131] === 0x4d;

/**
 * Reads the elements of a DICOM file up to the pixels, which stay where they are.
 *
 * @param allowance bytes that deflated files may take, taken from as they do
 * @throws `bad-file`, naming the file, if it is none, damaged, or inflates to more than is allowed
 */
export async function parseDicom(
  { name, bytes: given }: DicomFile,
  allowance: Allowance,
  inflate: Inflate = inflateGzip,
): Promise<DicomObject> {
  return naming(name, async () => {
    checkBytes(given);
    // Without what Buffer does otherwise: its slice is no copy.
    const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
    if (!isDicom(bytes)) throw new GadoliniteError("bad-file", "This is no DICOM file: nothing says DICM at byte 128.");
    const meta = parseElements(bytes, 132, { explicit: true, littleEndian: true }, 2);
    const transferSyntax = text(meta.dataset, "TransferSyntaxUID");
    if (transferSyntax === undefined)
      throw new GadoliniteError("bad-file", "The file does not name its transfer syntax: it is damaged, or no DICOM file.");
    const encoding = { explicit: transferSyntax !== IMPLICIT, littleEndian: transferSyntax !== BIG_ENDIAN };
    if (transferSyntax !== DEFLATED) return { name, transferSyntax, dataset: parseElements(bytes, meta.end, encoding).dataset };
    const inflated = await inflateDataset(bytes.subarray(meta.end), allowance, inflate);
    return { name, transferSyntax, dataset: parseElements(inflated, 0, encoding).dataset };
  });
}

/** Runs a task; its errors name the file, if it has a name. */
export async function naming<T>(name: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw isGadoliniteError(error) && name !== ""
      ? new GadoliniteError(error.code, `${name}: ${error.message}`, { cause: error.cause })
      : error;
  }
}

/** The stream may be followed by one byte that makes the file's length even, which some platforms call junk. */
async function inflateDataset(bytes: Uint8Array, allowance: Allowance, inflate: Inflate): Promise<Uint8Array> {
  try {
    return await inflateAll(bytes, allowance, inflate);
  } catch (error) {
    if (isGadoliniteError(error)) throw error;
    if (bytes.at(-1) === 0) return inflateAll(bytes.subarray(0, -1), allowance, inflate).catch(refuse);
    return refuse(error);
  }
}

const refuse = (cause: unknown): never => {
  if (isGadoliniteError(cause)) throw cause;
  throw new GadoliniteError("bad-file", "What is deflated in the file is damaged or cut short.", { cause });
};

async function inflateAll(bytes: Uint8Array, allowance: Allowance, inflate: Inflate): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of inflate(bytes, "deflate-raw")) {
    pieces.push(piece);
    length += piece.length;
    if (length > allowance.left) throw new GadoliniteError("bad-file", "The file inflates to more than maxBytes allows.");
  }
  allowance.left -= length;
  return joinPieces(pieces);
}

/** Whether an object is the directory of a disc, which lists files and holds no image. */
export const isDirectory = ({ dataset }: DicomObject): boolean =>
  text(dataset, "SOPClassUID") === DIRECTORY || dataset.elements.has(DIRECTORY_RECORDS);

const DIRECTORY_RECORDS = 0x00041220;
