import { describe, expect, test } from "vitest";
import { readMetaImage, readMgh, readNifti, readNrrd, readVolume } from "../../src/io/index.js";
import { dicomFile, enhancedMr, mrSlice } from "./dicomFiles.js";
import { goldenFiles, gz, niftiFile, refusal } from "./files.js";

const text = (s: string, length = 600) => Uint8Array.from({ length }, (_, n) => s.charCodeAt(n) || 0);

describe("readVolume", () => {
  test("tells NIfTI by its content, whatever its name, and reads what readNifti reads", async () => {
    for (const { bytes } of goldenFiles().slice(0, 12))
      for (const content of [bytes, gz(bytes).slice()])
        if (content !== bytes && bytes[0] === 0x1f) await refusal(readVolume(content), "unsupported", /gzip within gzip/);
        else expect(await readVolume(content, { name: "unnamed" })).toEqual(await readNifti(bytes));
  });

  test("passes its options on", async () => {
    const bytes = niftiFile({ dims: [2, 2, 2] });
    await refusal(readVolume(bytes, { maxBytes: 4 }), "bad-file", /maxBytes = 4/);
    await refusal(readVolume(bytes, { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
    expect((await readVolume(niftiFile({ dims: [2, 2, 1, 2] }), { volumeIndex: 1 })).volume.grid.shape).toEqual([2, 2, 1]);
  });

  test("names the file, if it knows its name", async () => {
    await refusal(readVolume(new Uint8Array(0), { name: "a.nii" }), "bad-file", /^a\.nii: The file is empty/);
    await refusal(readVolume(new Uint8Array(0)), "bad-file", /^The file is empty/);
  });

  test.each<[string, Uint8Array, string]>([
    ["MINC-2", text("\x89HDF\r\n\x1a\n"), "MINC-2"],
    ["MINC-1", text("CDF\x01"), "MINC-1"],
    ["bzip2", text("BZh9"), "bzip2"],
    ["zstd", text("\x28\xb5\x2f\xfd"), "zstd"],
    ["xz", text("\xfd7zXZ\0"), "xz"],
    ["zip", text("PK\x03\x04"), "zip"],
  ])("knows %s, plain and gzip, and says that it is not read", async (_name, bytes, word) => {
    for (const content of [bytes, gz(bytes)])
      await refusal(readVolume(content), "unsupported", new RegExp(`This is .*${word}.*convert it first`));
  });

  test("knows a MetaImage by its lines, whatever the first is", async () => {
    const file = (first: string) =>
      new TextEncoder().encode(
        `${first}NDims = 1\nDimSize = 2\nBinaryData = True\nElementType = MET_UCHAR\nElementDataFile = LOCAL\nab`,
      );
    for (const first of ["", "ObjectType = Image\n", "Comment = words\nID = 7\n"])
      expect([...(await readVolume(file(first))).volume.data]).toEqual([97, 98]);
  });

  test("sends each reader's user to the door for all", async () => {
    const nrrd = text("NRRD0004\n");
    await refusal(readNifti(nrrd), "unsupported", /NRRD file, not NIfTI. Read it with readVolume/);
    await refusal(readNrrd(niftiFile()), "unsupported", /NIfTI file, not NRRD/);
    await refusal(readMetaImage(niftiFile()), "unsupported", /NIfTI file, not MetaImage/);
    await refusal(readMgh(nrrd), "unsupported", /NRRD file, not MGH/);
    await refusal(readVolume(niftiFile(), { data: nrrd }), "bad-file", /holds its own voxels/);
  });

  test("knows DICOM, and says where one slice of a series is read", async () => {
    const dicom = dicomFile(mrSlice());
    await refusal(readVolume(dicom, { name: "a.dcm" }), "unsupported", /^a\.dcm: .*one image of a series.*readDicomSeries/);
    await refusal(readVolume(gz(dicom)), "unsupported", /DICOM file within gzip/);
    const enhanced = dicomFile(
      enhancedMr([
        [0, 0, 3],
        [0, 0, 1],
        [0, 0, 2],
      ]),
    );
    const { volume, header } = await readVolume(enhanced);
    expect(volume.grid.shape).toEqual([3, 2, 3]);
    expect(header).toMatchObject({ format: "dicom" });
    await refusal(readNifti(dicom), "unsupported", /DICOM file, not NIfTI/);
  });
});
