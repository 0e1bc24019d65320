import { GadoliniteError } from "../../core/errors.js";
import type { Vec3 } from "../../core/grid.js";
import { shown } from "../textHeader.js";
import { type Dataset, items, number, numbers, text } from "./dataset.js";
import type { DicomObject } from "./parseDicom.js";
import type { Keyword } from "./tags.js";

/** One plane of a file: where it lies, in LPS and mm, and what its numbers mean. */
export interface Frame {
  readonly file: DicomObject;
  /** From 0, within the file. */
  readonly index: number;
  readonly position: Vec3;
  /** Unit vectors along a row and down a column. */
  readonly alongRow: Vec3;
  readonly downColumn: Vec3;
  /** Distance of neighbours in a row, and of rows. */
  readonly columnSpacing: number;
  readonly rowSpacing: number;
  readonly slope: number;
  readonly intercept: number;
  /** Reads an attribute of this frame: of its own functional group, of the one that all frames share, or of the file. */
  attribute(group: Keyword, keyword: Keyword): readonly number[];
}

/** What an object that holds MR images is called, by the number of its class. */
const MR_CLASSES: Readonly<Record<string, string>> = {
  "1.2.840.10008.5.1.4.1.1.4": "MR Image",
  "1.2.840.10008.5.1.4.1.1.4.1": "Enhanced MR Image",
  "1.2.840.10008.5.1.4.1.1.4.4": "Legacy Converted Enhanced MR Image",
};

/**
 * The frames of an object, one for a classic image.
 *
 * @throws `unsupported` if it is no MR image or its values are no plain numbers, `bad-file` if it does not say where its frames lie
 */
export function framesOf(file: DicomObject): readonly Frame[] {
  const { dataset } = file;
  checkClass(dataset);
  const count = number(dataset, "NumberOfFrames") ?? 1;
  const own = items(dataset, "PerFrameFunctionalGroupsSequence");
  if (!(Number.isSafeInteger(count) && count >= 1))
    throw new GadoliniteError("bad-file", `NumberOfFrames must be a positive integer, but is ${count}.`);
  if (own.length !== 0 && own.length !== count)
    throw new GadoliniteError("bad-file", `The file announces ${count} frames and describes ${own.length}: it is damaged.`);
  if (count > 1 && own.length === 0)
    throw new GadoliniteError(
      "bad-file",
      `The file holds ${count} frames and does not say where each lies (it has no PerFrameFunctionalGroupsSequence).`,
    );
  const [shared] = items(dataset, "SharedFunctionalGroupsSequence");
  return Array.from({ length: count }, (_, index) => frameOf(file, index, groupsOf(dataset, shared, own[index])));
}

type Groups = (group: Keyword) => Dataset;

/** Finds the functional group that holds for a frame; what is in no group stands in the file itself. */
const groupsOf =
  (dataset: Dataset, shared: Dataset | undefined, own: Dataset | undefined): Groups =>
  (group) =>
    (own && items(own, group)[0]) ?? (shared && items(shared, group)[0]) ?? dataset;

function frameOf(file: DicomObject, index: number, groups: Groups): Frame {
  const attribute = (group: Keyword, keyword: Keyword) => numbers(groups(group), keyword);
  const need = (group: Keyword, keyword: Keyword, count: number) => {
    const values = attribute(group, keyword);
    if (values.length === count && values.every(Number.isFinite)) return values;
    const came = values.length === 0 ? "is absent" : `is ${values.slice(0, 10).join("\\")}${values.length > 10 ? "\\…" : ""}`;
    throw new GadoliniteError(
      "bad-file",
      `${keyword} must hold ${count} numbers, but ${came}: it is not known where the voxels of frame ${index + 1} lie.`,
    );
  };
  const [x, y, z] = need("PlanePositionSequence", "ImagePositionPatient", 3);
  const cosines = need("PlaneOrientationSequence", "ImageOrientationPatient", 6);
  const [rowSpacing, columnSpacing] = need("PixelMeasuresSequence", "PixelSpacing", 2);
  if (!(rowSpacing! > 0 && columnSpacing! > 0))
    throw new GadoliniteError("bad-file", `PixelSpacing must be positive, but is ${rowSpacing}\\${columnSpacing}.`);
  const [slope = 1] = attribute("PixelValueTransformationSequence", "RescaleSlope");
  const [intercept = 0] = attribute("PixelValueTransformationSequence", "RescaleIntercept");
  if (!(Number.isFinite(slope) && Number.isFinite(intercept) && slope !== 0))
    throw new GadoliniteError("bad-file", `Voxels can't be rescaled by ${slope} and ${intercept}: no number would come out.`);
  return {
    ...{ file, index, position: [x!, y!, z!], ...axesOf(cosines), rowSpacing: rowSpacing!, columnSpacing: columnSpacing! },
    ...{ slope, intercept, attribute },
  };
}

// Cosines are written with six digits at best, and with three at worst.
const COSINE_TOLERANCE = 2e-3;

function axesOf(cosines: readonly number[]): Pick<Frame, "alongRow" | "downColumn"> {
  const row = cosines.slice(0, 3) as unknown as Vec3;
  const column = cosines.slice(3) as unknown as Vec3;
  const product = row[0] * column[0] + row[1] * column[1] + row[2] * column[2];
  const wrong = Math.max(Math.abs(Math.hypot(...row) - 1), Math.abs(Math.hypot(...column) - 1), Math.abs(product));
  if (!(wrong <= COSINE_TOLERANCE))
    throw new GadoliniteError(
      "bad-file",
      `ImageOrientationPatient must be two unit vectors at right angles, but is ${cosines.join("\\")}.`,
    );
  return { alongRow: row, downColumn: column };
}

function checkClass(dataset: Dataset): void {
  const modality = text(dataset, "Modality") ?? "no modality";
  const kind = text(dataset, "SOPClassUID") ?? "of no class";
  if (modality !== "MR" || !Object.hasOwn(MR_CLASSES, kind))
    throw new GadoliniteError(
      "unsupported",
      `This is no MR image but ${shown(modality)} (SOP class ${shown(kind)}); ${Object.values(MR_CLASSES).join(", ")} are read.`,
    );
  const samples = number(dataset, "SamplesPerPixel") ?? 1;
  const colours = text(dataset, "PhotometricInterpretation") ?? "MONOCHROME2";
  if (samples !== 1 || !/^MONOCHROME[12]$/.test(colours))
    throw new GadoliniteError(
      "unsupported",
      `The image is in colour (${shown(colours)}, ${samples} numbers a pixel), not of one intensity.`,
    );
  if (items(dataset, "ModalityLUTSequence").length > 0)
    throw new GadoliniteError(
      "unsupported",
      "The image maps its values through a table (ModalityLUTSequence), which is not read.",
    );
}
