import { GadoliniteError } from "../core/errors.js";

/** Formats that are read, by what their first bytes say. */
export type Recognised =
  | { readonly format: "nifti"; readonly version: 1 | 2 }
  | { readonly format: "nrrd" }
  | { readonly format: "metaimage" }
  | { readonly format: "mgh" }
  | { readonly format: "dicom" };

/** As many bytes as {@link recognise} looks at. */
export const HEAD_BYTES = 544;

const NAMES = { nifti: "NIfTI", nrrd: "NRRD", metaimage: "MetaImage", mgh: "MGH", dicom: "DICOM" };

const OTHER_FORMATS: readonly (readonly [what: string, at: number, magic: string])[] = [
  ["a MINC-2 (HDF5) file", 0, "\x89HDF\r\n\x1a\n"],
  ["a MINC-1 (NetCDF) file", 0, "CDF\x01"],
  ["gzip within gzip", 0, "\x1f\x8b"],
  ["bzip2-compressed", 0, "BZh"],
  ["xz-compressed", 0, "\xfd7zXZ\0"],
  ["zstd-compressed", 0, "\x28\xb5\x2f\xfd"],
  ["a zip archive", 0, "PK\x03\x04"],
];

/**
 * Tells the format of a file from its first (inflated) bytes.
 *
 * @throws `unsupported` with the format's name if it is another one, `bad-file` if it is none that is known
 */
export function recognise(head: Uint8Array): Recognised {
  const has = (at: number, magic: string) => [...magic].every((c, n) => head[at + n] === c.charCodeAt(0));
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const is = (value: number) => head.length >= 4 && (view.getInt32(0, true) === value || view.getInt32(0, false) === value);

  if (is(348) && has(344, "n+1\0")) return { format: "nifti", version: 1 };
  if (is(540) && has(4, "n+2\0")) return { format: "nifti", version: 2 };
  if (has(128, "DICM")) return { format: "dicom" };
  if (has(0, "NRRD00")) return { format: "nrrd" };
  if (isMetaImage(head)) return { format: "metaimage" };
  if ((is(348) && has(344, "ni1\0")) || (is(540) && has(4, "ni2\0")))
    throw unsupported("the header of a .hdr/.img pair, whose voxels lie in another file");
  for (const [what, at, magic] of OTHER_FORMATS) if (has(at, magic)) throw unsupported(what);
  if (is(348) && head.length >= 348) throw unsupported("an Analyze 7.5 header, which says nothing of left and right");
  if (isMgh(view)) return { format: "mgh" };
  if (head.length === 0) throw new GadoliniteError("bad-file", "The file is empty.");
  if (is(348) || is(540))
    throw new GadoliniteError("bad-file", `The file is cut short or damaged: no NIfTI header in ${head.length} bytes.`);
  throw new GadoliniteError("bad-file", `No format that gadolinite knows begins like this file. It reads ${READ}.`);
}

/** As {@link recognise}, where one format is wanted. Throws `unsupported` if it is another. */
export function expectFormat<F extends Recognised["format"]>(format: F, head: Uint8Array): Extract<Recognised, { format: F }> {
  const recognised = recognise(head);
  if (recognised.format !== format)
    throw new GadoliniteError(
      "unsupported",
      `This is a ${NAMES[recognised.format]} file, not ${NAMES[format]}. Read it with readVolume, which gadolinite offers for all.`,
    );
  return recognised as Extract<Recognised, { format: F }>;
}

/** A text of `key = value` lines that begins with one of the first keys, or at least has the number of axes. */
function isMetaImage(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head);
  return /^\s*(ObjectType|NDims)\s*[=:]/.test(text) || /^\s*[A-Za-z]+ *= .*\n([A-Za-z_]+ *= .*\n)*NDims *=/.test(text);
}

/** MGH has no magic but its version, big-endian 1, then four sizes and one of the types. */
function isMgh(view: DataView): boolean {
  if (view.byteLength < 24 || view.getInt32(0) !== 1) return false;
  const type = view.getInt32(20);
  return [4, 8, 12, 16].every((at) => view.getInt32(at) >= 1) && type >= 0 && type <= 10;
}

const READ = "NIfTI (.nii, .nii.gz), NRRD, MetaImage, MGH and DICOM";

const unsupported = (what: string) =>
  new GadoliniteError("unsupported", `This is ${what}. gadolinite reads ${READ}: convert it first.`);
