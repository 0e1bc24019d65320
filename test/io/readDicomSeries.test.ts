import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDicom } from "../../src/io/dicom/parseDicom.js";
import { openPixels, pixelFormat } from "../../src/io/dicom/readPixels.js";
import { readDicomSeries } from "../../src/io/index.js";
import { inflateGzip } from "../../src/io/inflateGzip.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { dataPath, hasData } from "../support/data.js";
import { golden } from "../support/golden.js";
import { dicomFile, type Elements, enhancedMr, mrSlice } from "./dicomFiles.js";
import { refusal } from "./files.js";

interface Sample {
  readonly shape: readonly number[];
  readonly affine: Float64Array;
}

interface Golden {
  readonly series: readonly (Sample & {
    readonly name: string;
    readonly files: readonly Uint8Array[];
    readonly volumeIndex?: number;
    readonly values: Float32Array;
  })[];
  readonly samples: readonly (Sample & { readonly files: readonly string[]; readonly sha256: string })[];
  readonly stored: readonly {
    readonly name: string;
    readonly frames: number;
    readonly sums: Float64Array;
    readonly sha256: readonly string[];
  }[];
}

const { series, samples, stored } = golden<Golden>("io/dicom");

// Both multiply decimal text in float64; positions of 100 mm lose 1e-14 each.
const expectAffine = (actual: ArrayLike<number>, expected: Float64Array) =>
  expected.forEach((v, n) => expect(Math.abs(v - actual[n]!)).toBeLessThan(1e-12));

describe("values and affine are pydicom's", () => {
  test.each(series.map((s) => [s.name, s] as const))("%s", async (_name, { files, volumeIndex, shape, affine, values }) => {
    for (const inflate of [inflateGzip, inflateWithZlib]) {
      const { volume } = await readDicomSeries(files, { inflate, ...(volumeIndex === undefined ? {} : { volumeIndex }) });
      expect(volume.grid.shape).toEqual(shape);
      expectAffine(volume.grid.affine, affine);
      expect(volume.data).toEqual(values);
    }
  });

  test.skipIf(!hasData).each(samples.map((s) => [s.files[0]!, s] as const))(
    "%s",
    async (_name, { files, shape, affine, sha256 }) => {
      const { volume } = await readDicomSeries(files.map((name) => ({ name, bytes: readFileSync(dataPath("io/dicom", name)) })));
      expect(volume.grid.shape).toEqual(shape);
      expectAffine(volume.grid.affine, affine);
      expect(createHash("sha256").update(new Uint8Array(volume.data.buffer)).digest("hex")).toBe(sha256);
    },
  );

  test.skipIf(!hasData).each(stored.map((s) => [s.name, s] as const))("pixels of %s", async (name, expected) => {
    const bytes = readFileSync(dataPath("io/dicom", name));
    const object = await parseDicom({ name, bytes }, { left: 2 ** 24 });
    const format = pixelFormat(object);
    expect(format.frames).toBe(expected.frames);
    const frame = await openPixels(object, format);
    for (let n = 0; n < format.frames; n++) {
      const pixels = Int32Array.from(frame(n));
      // What was compressed with loss is rounded differently by each decoder.
      if (name === "jpeg_2000.dcm")
        expect(Math.abs(pixels.reduce((a, b) => a + b) - expected.sums[n]!)).toBeLessThan(0.5 * pixels.length);
      else expect(createHash("sha256").update(new Uint8Array(pixels.buffer)).digest("hex")).toBe(expected.sha256[n]);
    }
  });
});

const slices = (...changes: readonly (Elements & { k?: number })[]) =>
  changes.map((change, k) => ({ name: `${k}.dcm`, bytes: dicomFile(mrSlice({ k, ...change })) }));

describe("what files say", () => {
  test("header, acquisition and injection", async () => {
    const said: Elements = {
      ...{ PatientID: "P 1", SeriesDescription: "T1 größer", SpecificCharacterSet: "ISO_IR 192", SeriesNumber: "7" },
      ...{
        ScanningSequence: "GR",
        SequenceVariant: "SK\\SP",
        MagneticFieldStrength: "1.5",
        RepetitionTime: "9.5",
        FlipAngle: "15",
      },
      ...{ ContrastBolusAgent: "GADOVIST 1.0", ContrastBolusVolume: "16", ContrastBolusTotalDose: "4", PatientWeight: "80" },
    };
    const result = await readDicomSeries(slices({ ...said, EchoTime: "2.5" }, { ...said, EchoTime: "3" }));
    expect(result.header).toMatchObject({ format: "dicom", patientId: "P 1", seriesDescription: "T1 größer", seriesNumber: 7 });
    expect(result.header.slices).toEqual(["0.dcm", "1.dcm"]);
    // The echo times differ, so none is told.
    expect(result.acquisition).toEqual({
      ...{ fieldStrengthT: 1.5, sequence: "spoiled-gradient-echo", repetitionTimeMs: 9.5, flipAngleDeg: 15 },
    });
    expect(result.injection).toEqual({
      ...{ agent: "gadobutrol", doseMmolPerKg: 0.05, volumeMl: 4, concentrationMmolPerMl: 1, patientWeightKg: 80 },
    });
    expect(result.dose).toBe(0.5);
  });

  test.each<[string, Elements, object | undefined, number | undefined]>([
    ["nothing", {}, undefined, undefined],
    ["a weight alone", { PatientWeight: "80" }, undefined, undefined],
    ["an agent alone", { ContrastBolusAgent: "Dotarem" }, { agent: "gadoterate", concentrationMmolPerMl: 0.5 }, undefined],
    ["words that name none", { ContrastBolusAgent: "YES" }, { agent: "yes" }, undefined],
    [
      "gadopiclenol at its own standard dose",
      { ContrastBolusAgent: "Elucirem", ContrastBolusVolume: "8", PatientWeight: "80" },
      { agent: "gadopiclenol", doseMmolPerKg: 0.05, volumeMl: 8, concentrationMmolPerMl: 0.5, patientWeightKg: 80 },
      1,
    ],
    [
      "mg of gadolinium, as the standard says",
      { ContrastBolusVolume: "10", ContrastBolusIngredient: "GADOLINIUM", ContrastBolusIngredientConcentration: "78.625" },
      { volumeMl: 10, concentrationMmolPerMl: 0.5 },
      undefined,
    ],
    [
      "mmol, as many consoles write",
      { ContrastBolusVolume: "10", ContrastBolusIngredient: "GADOLINIUM", ContrastBolusIngredientConcentration: "0.5" },
      { volumeMl: 10 },
      undefined,
    ],
    [
      "no numbers",
      { ContrastBolusAgent: "Dotarem", ContrastBolusVolume: "ten", PatientWeight: "0" },
      { agent: "gadoterate", concentrationMmolPerMl: 0.5 },
      undefined,
    ],
  ])("injection: %s", async (_what, change, injection, dose) => {
    const result = await readDicomSeries([dicomFile(mrSlice(change))]);
    expect(result.injection).toEqual(injection);
    expect(result.dose).toBe(dose);
  });

  test.each<[string, Elements, string | undefined]>([
    ["spin echo", { ScanningSequence: "SE", SequenceVariant: "SK\\SP" }, "spin-echo"],
    ["magnetisation-prepared", { ScanningSequence: "GR\\IR", SequenceVariant: "SK\\SP\\MP" }, undefined],
    ["prepared, said by the variant alone", { ScanningSequence: "GR", SequenceVariant: "SP\\MP" }, undefined],
    ["balanced", { ScanningSequence: "GR", SequenceVariant: "SS" }, undefined],
    ["echo-planar", { ScanningSequence: "EP\\SE" }, undefined],
    ["enhanced gradient echo", { EchoPulseSequence: "GRADIENT", Spoiling: "RF_AND_GRADIENT" }, "spoiled-gradient-echo"],
    ["enhanced spin echo", { EchoPulseSequence: "SPIN", EchoPlanarPulseSequence: "NO" }, "spin-echo"],
    ["enhanced echo-planar", { EchoPulseSequence: "SPIN", EchoPlanarPulseSequence: "YES" }, undefined],
    [
      "enhanced inversion recovery",
      {
        ...{ EchoPulseSequence: "GRADIENT", Spoiling: "RF" },
        SharedFunctionalGroupsSequence: [{ MRModifierSequence: [{ InversionRecovery: "YES" }] }],
      },
      undefined,
    ],
  ])("sequence: %s", async (_what, change, sequence) => {
    expect((await readDicomSeries([dicomFile(mrSlice(change))])).acquisition.sequence).toBe(sequence);
  });
});

describe("which slices make a volume", () => {
  test("any order of files gives the same volume", async () => {
    const files = [0, 1, 2, 3, 4].map((k) => dicomFile(mrSlice({ k, pixels: [k, k, k, k, k, k] })));
    const { volume } = await readDicomSeries(files);
    expect([...volume.data].filter((_, n) => n % 6 === 0)).toEqual([0, 1, 2, 3, 4]);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(files, { minLength: 5 }), async (shuffled) => {
        expect((await readDicomSeries(shuffled)).volume).toEqual(volume);
      }),
    );
  });

  test("frames of an enhanced image are sorted, whatever their order", async () => {
    const { volume } = await readDicomSeries([
      dicomFile(
        enhancedMr([
          [0, 0, 6],
          [0, 0, 0],
          [0, 0, 3],
        ]),
      ),
    ]);
    expect([...volume.data].filter((_, n) => n % 6 === 0)).toEqual([1, 2, 0]);
    expect(volume.grid.affine[10]).toBe(3);
  });

  test("several volumes at one place need volumeIndex", async () => {
    const echoes = [20, 10].flatMap((te) =>
      [0, 1].map((k) => ({ k, EchoTime: `${te}`, SOPInstanceUID: `1.${te}.${k}`, pixels: [te, 0, 0, 0, 0, 0] })),
    );
    const files = echoes.map((change, n) => ({ name: `${n}.dcm`, bytes: dicomFile(mrSlice(change)) }));
    await refusal(
      readDicomSeries(files),
      "unsupported",
      /2 volumes at one place, which differ in EchoTime \(10, 20\)\. Choose with volumeIndex/,
    );
    expect((await readDicomSeries(files, { volumeIndex: 0 })).volume.data[0]).toBe(10);
    expect((await readDicomSeries(files, { volumeIndex: 1 })).acquisition.echoTimeMs).toBe(20);
    await refusal(readDicomSeries(files, { volumeIndex: 2 }), "out-of-range", /0 to 1/);
  });

  test("one slice is as thick as it says", async () => {
    const step = async (change: Elements) => (await readDicomSeries([dicomFile(mrSlice(change))])).volume.grid.affine[10];
    expect(await step({})).toBe(2);
    expect(await step({ SliceThickness: "", SpacingBetweenSlices: "3" })).toBe(3);
    expect(await step({ SliceThickness: "0" })).toBe(1);
  });

  test("bits that are not stored do not count, and bytes in words are turned round", async () => {
    const twelve = { BitsStored: [12], HighBit: [11] };
    const read = async (change: Elements & { pixels?: readonly number[] }) => [
      ...(await readDicomSeries([dicomFile(mrSlice(change))])).volume.data,
    ];
    expect(await read({ ...twelve, pixels: [0xf7ff, 0x0fff, 0x1001, 0x0800, 0, 1] })).toEqual([2047, -1, 1, -2048, 0, 1]);
    expect(await read({ ...twelve, HighBit: [15], pixels: [0x0010, 0xfff0, 0x001f, 0x8000, 0, 16] })).toEqual([
      1, -1, 1, -2048, 0, 1,
    ]);
    expect(await read({ PixelRepresentation: [0], pixels: [65535, 1, 2, 3, 4, 5] })).toEqual([65535, 1, 2, 3, 4, 5]);
  });
});

describe("refuses, naming the file", () => {
  const good = { k: 0 };
  test.each<[string, readonly (Elements & { k?: number })[], string, RegExp]>([
    [
      "a gap",
      [good, {}, {}, { k: 4 }],
      "bad-file",
      /^2\.dcm and 3\.dcm are 4\.000 mm apart, where 2\.000 mm is usual: slices are missing/,
    ],
    [
      "a duplicated slice",
      [good, {}, {}, { k: 1, SOPInstanceUID: "9.9" }],
      "bad-file",
      /^1\.dcm and 3\.dcm: slices at one place, 2 in number, where other places have 1\. Slices are duplicated/,
    ],
    ["the same file twice", [good, {}, { k: 1 }], "bad-file", /^2\.dcm: This is the same image as 1\.dcm/],
    [
      "a slice that is turned",
      [good, { ImageOrientationPatient: "1\\0\\0\\0\\0\\-1" }],
      "bad-file",
      /^0\.dcm and 1\.dcm differ in ImageOrientationPatient/,
    ],
    ["another pixel size", [good, { PixelSpacing: "1\\1.5" }], "bad-file", /differ in PixelSpacing/],
    [
      "another number of pixels",
      [good, { Rows: [3], Columns: [2] }],
      "bad-file",
      /^1\.dcm: The image has 3×2 pixels, where 0\.dcm has 2×3/,
    ],
    [
      "a sheared stack",
      [good, { ImagePositionPatient: "0\\0.4\\2" }],
      "unsupported",
      /^1\.dcm lies 0\.400 mm beside the normal.*sheared/,
    ],
    ["no place", [{ ImagePositionPatient: "" }], "bad-file", /^0\.dcm: ImagePositionPatient must hold 3 numbers, but is absent/],
    ["a place that is none", [{ ImagePositionPatient: "1\\x\\2" }], "bad-file", /is 1\\NaN\\2/],
    ["axes that are no unit vectors", [{ ImageOrientationPatient: "1\\0\\0\\0\\2\\0" }], "bad-file", /two unit vectors/],
    ["a pixel of no size", [{ PixelSpacing: "0\\1" }], "bad-file", /PixelSpacing must be positive/],
    ["CT", [{ Modality: "CT", SOPClassUID: "1.2.840.10008.5.1.4.1.1.2" }], "unsupported", /^0\.dcm: This is no MR image but CT/],
    [
      "a class that runs into what follows it",
      [{ SOPClassUID: `1.2\n${"Name^Any ".repeat(20)}` }],
      "unsupported",
      /SOP class 1\.2\\n(Name\^Any ?){1,9}\S*…\)/,
    ],
    ["spectroscopy", [{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.4.2" }], "unsupported", /no MR image but MR \(SOP class/],
    ["colours", [{ SamplesPerPixel: [3], PhotometricInterpretation: "RGB" }], "unsupported", /in colour/],
    ["a table of values", [{ ModalityLUTSequence: [{ Rows: [1] }] }], "unsupported", /through a table/],
    ["a slope of 0", [{ RescaleSlope: "0" }], "bad-file", /can't be rescaled by 0/],
    ["bits that don't fit", [{ HighBit: [16] }], "bad-file", /do not fit in 16/],
    ["single bits", [{ BitsAllocated: [1], BitsStored: [1], HighBit: [0] }], "unsupported", /not of 1/],
    ["fewer pixels than announced", [{ Rows: [4] }], "bad-file", /take 24 bytes, but 12 are there/],
    ["no pixels", [{ PixelData: undefined as never }], "bad-file", /no pixels/],
  ])("%s", (_what, changes, code, message) => {
    const files = changes.map((change, k) => {
      const elements = Object.fromEntries(Object.entries(mrSlice({ k, ...change })).filter(([, v]) => v !== undefined));
      return { name: `${k}.dcm`, bytes: dicomFile(elements) };
    });
    return refusal(readDicomSeries(files), code, message);
  });

  test("several series, unless one is chosen", async () => {
    const files = slices({ SeriesDescription: "t1" }, {}, { SeriesInstanceUID: "1.2.5" });
    await refusal(
      readDicomSeries(files),
      "unsupported",
      /several series\. There are: 1\.2\.4 \("t1", 2 files, 0\.dcm …\); 1\.2\.5 \(1 files/,
    );
    expect((await readDicomSeries(files, { seriesInstanceUid: "1.2.4" })).volume.grid.shape).toEqual([3, 2, 2]);
    await refusal(readDicomSeries(files, { seriesInstanceUid: "7" }), "out-of-range", /No file is of series 7\. There are/);
    await refusal(readDicomSeries([]), "out-of-range", /one file at least/);
  });

  test("files that are none, and syntaxes that are not read", async () => {
    await refusal(readDicomSeries([new Uint8Array(200)]), "bad-file", /^file 1: This is no DICOM file/);
    await refusal(
      readDicomSeries([dicomFile(mrSlice(), "1.2.840.10008.1.2.4.50")]),
      "unsupported",
      /Transfer syntax .*50 is not read/,
    );
    await refusal(
      readDicomSeries([dicomFile(mrSlice(), "1.2.840.10008.1.2.4.201")]),
      "unsupported",
      /Transfer syntax .*201 is not read/,
    );
    await refusal(readDicomSeries([dicomFile(mrSlice(), "1.2.840.10008.1.2.5")]), "bad-file", /not stored as/);
  });

  test("what is larger than maxBytes, and what is cancelled", async () => {
    const files = slices({}, {});
    await refusal(
      readDicomSeries(files, { maxBytes: 47 }),
      "bad-file",
      /3×2×2 voxels: 48 bytes as float32, more than maxBytes = 47/,
    );
    expect((await readDicomSeries(files, { maxBytes: 48 })).volume.data).toHaveLength(12);
    await refusal(readDicomSeries(files, { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
  });

  test.skipIf(!hasData)("an image cut short, and frames that do not say where they lie", async () => {
    const read = (name: string) => readDicomSeries([readFileSync(dataPath("io/dicom", name))]);
    await refusal(read("mr_small/MR_truncated.dcm"), "bad-file", /announces 8192 bytes, of which 8130 are there/);
    await refusal(read("enhanced/emri_small.dcm"), "bad-file", /10 frames and does not say where each lies/);
    await refusal(read("rle.dcm"), "unsupported", /no MR image but CT/);
  });
});
