import { GadoliniteError } from "../../core/errors.js";
import type { TaskOptions } from "../../core/progress.js";
import type { Volume, VoxelArray } from "../../core/volume.js";
import { checkFiniteVoxels, checkFraction, checkNotAborted, checkSameGrid } from "../../internal/check.js";
import { version } from "../../internal/version.js";
import { bytesOf } from "../encodeVolume.js";
import { encodeVoxels } from "../encodeVoxels.js";
import { quoted } from "../textHeader.js";
import { type Dataset, element, freeText, number, text } from "./dataset.js";
import { type Elements, encodeFile } from "./encodeElements.js";
import { acquisitionOf } from "./facts.js";
import type { Frame } from "./frames.js";
import type { DicomFile } from "./parseDicom.js";
import { parseAll, type ReadDicomSeriesOptions, stackOf } from "./readDicomSeries.js";
import type { Keyword } from "./tags.js";
import { isUid, randomUid } from "./uid.js";

export interface WriteDicomSeriesOptions
  extends TaskOptions,
    Pick<ReadDicomSeriesOptions, "seriesInstanceUid" | "volumeIndex" | "inflate"> {
  /** Files of the series that the volume was made from and lies on, as `readDicomSeries` takes them. */
  readonly source: readonly (Uint8Array | DicomFile)[];
  /** Dose at which the source was scanned, as a fraction of the standard dose, 0 to 1. */
  readonly givenDose: number;
  /** Dose whose contrast the volume shows, as a fraction of the standard dose, 0 to 1. */
  readonly shownDose: number;
  /** How the volume was made, in a sentence: network, version, paper. At most 800 bytes. Default none. */
  readonly method?: string;
  /** Name of the series, at most 64 characters. Default that of the source and the doses. */
  readonly seriesDescription?: string;
  /** Number of the series. Default that of the source and 1000 more. */
  readonly seriesNumber?: number;
  /** When the volume was made. Default now. */
  readonly date?: Date;
  /** Gives a UID that nothing else has each time that it is called. Default random ones below 2.25 (PS3.5, B.2). */
  readonly newUid?: () => string;
}

/**
 * Writes a volume that was computed from an MR series as a series of its own, in the source's study: one MR Image a slice, with the
 * patient, study, frame of reference, places and acquisition of the slice that it stands for, ImageType `DERIVED\SECONDARY`, new UIDs, the
 * doses in DerivationDescription, the source in SourceImageSequence, and gadolinite in ContributingEquipmentSequence.
 *
 * Voxels are stored in 16 bits: as they are if all are whole and fit, else scaled by one slope for all slices (RescaleSlope), which rounds
 * them by at most 2⁻¹⁶ of the largest. Only attributes that are listed in docs/formats.md are taken over from the source: private ones are not.
 *
 * @param volume on the grid that `readDicomSeries` gives the source
 * @returns the files, named `0001.dcm` and on, from the first slice to the last
 * @throws `grid-mismatch` if the volume lies elsewhere than the source; `out-of-range` for voxels that are NaN or infinite, a dose that is not
 *   within 0 and 1, text that is too long, a UID that is none; `aborted`; and as `readDicomSeries` for the source
 * @see DICOM PS3.3, C.7.6.1 (derivation), C.7.5.2 (contributing equipment) and C.8.3 (MR)
 * @example
 * const files = await writeDicomSeries(restored, { source, givenDose: 0.1, shownDose: 1, method: "Chen et al. 2025, my weights 3" });
 * for (const { name, bytes } of files) await writeFileAtomic(join("restored", name), bytes);
 */
export async function writeDicomSeries(
  volume: Volume<VoxelArray>,
  options: WriteDicomSeriesOptions,
): Promise<readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[]> {
  const { givenDose, shownDose, newUid = randomUid, signal, onProgress, inflate } = options;
  const reading = { ...(signal ? { signal } : {}), ...(inflate ? { inflate } : {}) };
  checkFraction("givenDose", givenDose);
  checkFraction("shownDose", shownDose);
  const { frames, grid } = await stackOf(await parseAll(options.source, reading), options);
  checkSameGrid(grid, volume.grid);
  const { stored, slope } = storedVoxels(volume);
  const series = seriesElements(frames[0]!, options);
  const plane = stored.length / frames.length;
  return frames.map((frame, k) => {
    checkNotAborted(signal);
    const pixels = stored.subarray(k * plane, (k + 1) * plane);
    const bytes = encodeFile({
      ...copied(frame),
      ...placeOf(frame),
      ...series,
      SOPInstanceUID: checkedUid(newUid()),
      InstanceNumber: `${k + 1}`,
      SourceImageSequence: [sourceOf(frame)],
      Rows: [volume.grid.shape[1]],
      Columns: [volume.grid.shape[0]],
      PixelRepresentation: [stored instanceof Int16Array ? 1 : 0],
      RescaleSlope: decimal(slope),
      PixelData: bytesOf(pixels, stored instanceof Int16Array ? "int16" : "uint16", true),
    });
    onProgress?.({ done: k + 1, total: frames.length, stage: "writing slices" });
    return { name: `${String(k + 1).padStart(4, "0")}.dcm`, bytes };
  });
}

/** Attributes that the new images share with those that they were made from: whose they are, and how they were scanned. */
const COPIED: readonly Keyword[] = [
  ...(["PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientSize"] as const),
  ...(["PatientWeight", "PatientIdentityRemoved", "DeidentificationMethod"] as const),
  ...(["SpecificCharacterSet", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber"] as const),
  ...(["StudyDescription", "ReferringPhysicianName", "AcquisitionDate", "AcquisitionTime", "AcquisitionNumber"] as const),
  ...(["Manufacturer", "ManufacturerModelName", "InstitutionName", "StationName", "DeviceSerialNumber"] as const),
  ...(["SoftwareVersions", "ProtocolName", "BodyPartExamined", "Laterality", "PatientPosition"] as const),
  ...(["FrameOfReferenceUID", "PositionReferenceIndicator", "SliceLocation", "ScanningSequence", "SequenceVariant"] as const),
  ...(["ScanOptions", "MRAcquisitionType", "SequenceName", "NumberOfAverages", "ImagingFrequency", "ImagedNucleus"] as const),
  ...(["EchoNumbers", "MagneticFieldStrength", "EchoTrainLength", "PixelBandwidth", "InversionTime"] as const),
  ...(["ContrastBolusAgent", "ContrastBolusRoute", "ContrastBolusVolume", "ContrastBolusStartTime"] as const),
  ...(["ContrastBolusTotalDose", "ContrastBolusIngredient", "ContrastBolusIngredientConcentration"] as const),
  ...(["LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"] as const),
];

// An MR image has these, if only empty.
const NEEDED: readonly Keyword[] = [
  ...(["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"] as const),
  ...(["AccessionNumber", "ReferringPhysicianName", "Manufacturer", "PositionReferenceIndicator", "ScanOptions"] as const),
  ...(["MRAcquisitionType", "EchoTrainLength"] as const),
];

function copied(frame: Frame): Elements {
  const { dataset } = frame.file;
  const present = COPIED.flatMap((keyword) => {
    const found = element(dataset, keyword);
    return found ? [[keyword, found.value] as const] : [];
  });
  const empty = NEEDED.map((keyword) => [keyword, ""] as const);
  return { ...sequenceWords(frame), ...Object.fromEntries(empty), ...Object.fromEntries(present) };
}

/** An enhanced image says in other words how it was acquired. RM, a research sequence, is what no other word fits. */
function sequenceWords(frame: Frame): Elements {
  const { sequence } = acquisitionOf([frame]);
  if (sequence === "spoiled-gradient-echo") return { ScanningSequence: "GR", SequenceVariant: "SP" };
  return { ScanningSequence: sequence === "spin-echo" ? "SE" : "RM", SequenceVariant: "NONE" };
}

/** Where a slice lies and how it was timed, whether the source says it of the image or of the frame. */
function placeOf(frame: Frame): Elements {
  const from = (group: Keyword, keyword: Keyword) =>
    frame.attribute(group, keyword).filter(Number.isFinite).map(decimal).join("\\");
  const thickness = from("PixelMeasuresSequence", "SliceThickness");
  const spacing = from("PixelMeasuresSequence", "SpacingBetweenSlices");
  const timing = (keyword: Keyword) => from("MRTimingAndRelatedParametersSequence", keyword);
  return {
    ImagePositionPatient: frame.position.map(decimal).join("\\"),
    ImageOrientationPatient: [...frame.alongRow, ...frame.downColumn].map(decimal).join("\\"),
    PixelSpacing: [frame.rowSpacing, frame.columnSpacing].map(decimal).join("\\"),
    SliceThickness: thickness,
    ...(spacing ? { SpacingBetweenSlices: spacing } : {}),
    RepetitionTime: timing("RepetitionTime"),
    EchoTime: from("MREchoSequence", "EffectiveEchoTime") || from("MREchoSequence", "EchoTime"),
    FlipAngle: timing("FlipAngle"),
  };
}

const sourceOf = ({ file: { dataset }, index }: Frame): Elements => ({
  ReferencedSOPClassUID: text(dataset, "SOPClassUID") ?? "",
  ReferencedSOPInstanceUID: text(dataset, "SOPInstanceUID") ?? "",
  ...((number(dataset, "NumberOfFrames") ?? 1) > 1 ? { ReferencedFrameNumber: `${index + 1}` } : {}),
});

/** What all images of the new series say alike. */
function seriesElements(first: Frame, options: WriteDicomSeriesOptions): Elements & { readonly SOPClassUID: string } {
  const { date = new Date(), newUid = randomUid } = options;
  const { dataset } = first.file;
  const { description, derivation } = wordsOf(dataset, options);
  const { seriesNumber = (number(dataset, "SeriesNumber") || 0) + 1000 } = options;
  const [day, time] = dateAndTime(date);
  return {
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
    ...{ ImageType: "DERIVED\\SECONDARY\\OTHER", Modality: "MR", SeriesInstanceUID: checkedUid(newUid()) },
    ...(text(dataset, "StudyInstanceUID") ? {} : { StudyInstanceUID: checkedUid(newUid()) }),
    ...(text(dataset, "FrameOfReferenceUID") ? {} : { FrameOfReferenceUID: checkedUid(newUid()) }),
    ...{ SeriesNumber: `${Math.trunc(seriesNumber)}`, SeriesDescription: description, DerivationDescription: derivation },
    ...{
      InstanceCreationDate: day,
      InstanceCreationTime: time,
      SeriesDate: day,
      SeriesTime: time,
      ContentDate: day,
      ContentTime: time,
    },
    ContributingEquipmentSequence: [
      {
        ...{ Manufacturer: "gadolinite", ManufacturerModelName: "gadolinite", SoftwareVersions: version },
        ...{ ContributionDateTime: `${day}${time}`, ContributionDescription: derivation },
        PurposeOfReferenceCodeSequence: [
          { CodeValue: "109102", CodingSchemeDesignator: "DCM", CodeMeaning: "Processing Equipment" },
        ],
      },
    ],
    ...{ SamplesPerPixel: [1], PhotometricInterpretation: "MONOCHROME2", BitsAllocated: [16], BitsStored: [16], HighBit: [15] },
    ...{ BurnedInAnnotation: "NO", RescaleIntercept: "0", RescaleType: "US" },
  };
}

/** The texts that are new. They are written in UTF-8, so they must be ASCII unless the copied ones are in UTF-8 too. */
function wordsOf(dataset: Dataset, options: WriteDicomSeriesOptions) {
  const { givenDose, shownDose, method } = options;
  const utf8 = text(dataset, "SpecificCharacterSet") === "ISO_IR 192";
  const doses = `dose ${givenDose} shown as ${shownDose}`;
  const source = (freeText(dataset, "SeriesDescription") ?? "").replace(utf8 ? /\\/g : /[^ -[\]-~]/g, "?");
  const description = options.seriesDescription ?? `${source.slice(0, 62 - doses.length)}, ${doses}`.replace(/^, /, "");
  const derivation =
    `Contrast of dose ${shownDose} computed from a scan at dose ${givenDose} (fractions of the standard dose) by gadolinite ${version}.` +
    (method ? ` ${method}` : "");
  const texts = { seriesDescription: [description, 64], method: [derivation, 1024] } as const;
  for (const [name, [words, most]] of Object.entries(texts)) {
    if (words.length > most)
      throw new GadoliniteError("out-of-range", `With ${name} the text has ${words.length} characters; ${most} fit. Shorten it.`);
    if (!utf8 && !/^[ -[\]-~]*$/.test(words))
      throw new GadoliniteError(
        "out-of-range",
        `${name} must be ASCII without backslashes, as the source's text is no UTF-8, but is ${quoted(words)}.`,
      );
  }
  return { description, derivation };
}

/** Date and time as DICOM writes them, of the place where this runs. */
function dateAndTime(date: Date): readonly [day: string, time: string] {
  const digits = (...parts: readonly number[]) => parts.map((part) => String(part).padStart(2, "0")).join("");
  return [
    digits(date.getFullYear(), date.getMonth() + 1, date.getDate()),
    digits(date.getHours(), date.getMinutes(), date.getSeconds()),
  ];
}

function checkedUid(uid: string): string {
  if (!isUid(uid))
    throw new GadoliniteError("out-of-range", `newUid must give a UID of digits and dots, but gave ${quoted(uid)}.`);
  return uid;
}

/** A number in the sixteen characters that a decimal string has, with as many digits as fit. */
function decimal(value: number): string {
  for (let digits = 16; ; digits--) {
    const rounded = Number(value.toPrecision(digits));
    const fitting = [String(rounded), rounded.toExponential()].find((words) => words.length <= 16);
    if (fitting !== undefined) return fitting;
  }
}

const MOST = { uint16: 65535, int16: 32767 };

/** Voxels as 16-bit integers, and what they are to be multiplied with. */
function storedVoxels({ data }: Volume<VoxelArray>): {
  readonly stored: Uint16Array<ArrayBuffer> | Int16Array<ArrayBuffer>;
  readonly slope: number;
} {
  checkFiniteVoxels("The volume", data);
  let [low, high, whole] = [0, 0, true];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    whole &&= Number.isInteger(value);
  }
  const dtype = low < 0 ? "int16" : "uint16";
  const largest = Math.max(high, -low);
  // Written with ten digits, and not below what keeps the largest voxel within the type.
  const slope =
    whole && high <= MOST[dtype] && low >= -32768 ? 1 : Number(((largest / MOST[dtype]) * (1 + 1e-9)).toPrecision(10));
  const stored = new (dtype === "int16" ? Int16Array : Uint16Array)(data.length);
  encodeVoxels(data, stored, { dtype, slope, intercept: 0 });
  return { stored, slope };
}
