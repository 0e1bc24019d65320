import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import * as peer from "nifti-reader-js";
import { describe, expect, test } from "vitest";
import { reorient } from "../../src/geometry/reorient.js";
import { sameGrid } from "../../src/index.js";
import { readNifti } from "../../src/io/index.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { dataPath, hasData } from "../support/data.js";
import { golden } from "../support/golden.js";
import { type GoldenFile, goldenFiles, gz, niftiFile, refusal } from "./files.js";

// The sform is taken as it is; a qform goes through square roots, in float64 here and extended precision in nibabel. The worst is
// near a half turn, where a = sqrt(1 − b² − c² − d²) cancels to 1e-8 of itself.
const AFFINE_TOLERANCE = 1e-7;

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((max, v, n) => Math.max(max, Math.abs(v - b[n]!)), 0);

describe("readNifti", () => {
  describe("equals nibabel", () => {
    test.each(goldenFiles().map((file) => [file.name, file] as const))("%s", async (_name, file) => {
      const { volume, header } = await readNifti(file.bytes);
      expect(volume.grid.shape).toEqual(file.shape);
      expect(largestDifference(volume.grid.affine, file.affine)).toBeLessThan(AFFINE_TOLERANCE);
      // Bit for bit: NaN, -0 and all.
      expect(new Uint32Array(volume.data.buffer)).toEqual(new Uint32Array(file.values.buffer));
      expect(header).toMatchObject({
        format: "nifti",
        version: file.version,
        littleEndian: file.littleEndian,
        dtype: file.dtype,
        dims: file.dims,
        description: "made by nibabel",
        units: { space: "mm", time: "s" },
      });
    });

    interface Sample extends Omit<GoldenFile, "bytes" | "values" | "shape"> {
      readonly code?: string;
      readonly sums: Float64Array;
      readonly sha256: readonly string[];
    }
    const { files: samples } = golden<{ files: readonly Sample[] }>("io/samples");

    test.skipIf(!hasData).each(samples.map((s) => [s.name, s] as const))("%s", async (name, sample) => {
      const bytes = readFileSync(dataPath(name));
      if (sample.code) return refusal(readNifti(bytes), sample.code, /gadolinite/);
      if (sample.sha256.length > 1)
        await refusal(readNifti(bytes), "unsupported", new RegExp(`holds ${sample.sha256.length} volumes`));
      // Every volume of a short series, the first and last of a long one.
      const indices = sample.sha256.map((_, n) => n).filter((n, _at, all) => all.length < 5 || n % (all.length - 1) === 0);
      for (const volumeIndex of indices) {
        const { volume, header } = await readNifti(bytes, { volumeIndex, inflate: inflateWithZlib });
        expect(volume.grid.shape).toEqual(sample.dims.slice(0, 3));
        expect(largestDifference(volume.grid.affine, sample.affine)).toBeLessThan(AFFINE_TOLERANCE);
        expect(createHash("sha256").update(new Uint8Array(volume.data.buffer)).digest("hex")).toBe(sample.sha256[volumeIndex]);
        expect(header).toMatchObject({
          dtype: sample.dtype,
          version: sample.version,
          littleEndian: sample.littleEndian,
          dims: sample.dims,
        });
      }
    });
  });

  describe("equals nifti-reader-js", () => {
    // It reads no 64-bit integers, and takes the qform where its code is the larger.
    const comparable = goldenFiles().filter(
      (f) => !f.dtype.endsWith("64") && !/scaled|half turn|before|left-handed|qfac|range|qform/.test(f.name),
    );
    test.each(comparable.map((file) => [file.name, file] as const))("%s", async (_name, file) => {
      const own = file.bytes.slice().buffer;
      const raw = peer.isCompressed(own) ? peer.decompress(own) : own;
      const header = peer.readHeader(raw as ArrayBuffer);
      const { volume } = await readNifti(file.bytes);
      expect(header.dims.slice(1, 1 + header.dims[0]!)).toEqual(file.dims);
      // Where there is no form it leaves the middle of the volume out of it.
      if (!file.name.startsWith("neither"))
        expect(largestDifference(volume.grid.affine, header.affine.flat())).toBeLessThan(AFFINE_TOLERANCE);
      const image = new DataView(peer.readImage(header, raw as ArrayBuffer));
      const get = `get${file.dtype[0]!.toUpperCase()}${file.dtype.slice(1)}` as "getInt16";
      const size = image.byteLength / volume.data.length;
      volume.data.forEach((v, n) => expect(v).toBe(Math.fround(image[get](n * size, header.littleEndian))));
    });
  });

  test.skipIf(!hasData)("an image stored in 24 axis orders is one image, once reoriented", async () => {
    const folder = dataPath("io", "nifti", "orientations");
    const read = async (name: string) => reorient((await readNifti(readFileSync(`${folder}/${name}`))).volume, "RAS");
    const first = await read("RAS.nii.gz");
    const names = readdirSync(folder);
    expect(names).toHaveLength(24);
    for (const name of names) {
      const volume = await read(name);
      // The files were written by another program, which rounded each header to float32 anew.
      expect(sameGrid(volume.grid, first.grid, { toleranceMm: 1e-3 }), name).toBe(true);
      expect(Buffer.compare(Buffer.from(volume.data.buffer), Buffer.from(first.data.buffer)), name).toBe(0);
    }
  });

  test("of a file with several volumes, reads the one that is asked for", async () => {
    const voxels = Uint8Array.from({ length: 2 * 6 }, (_, n) => n);
    const series = niftiFile({ dims: [2, 1, 1, 3, 2] }, voxels);
    await refusal(readNifti(series), "unsupported", /holds 6 volumes \(2×1×1×3×2\).*volumeIndex/);
    for (const bytes of [series, gz(series)])
      for (const volumeIndex of [0, 4, 5])
        expect([...(await readNifti(bytes, { volumeIndex })).volume.data]).toEqual([2 * volumeIndex, 2 * volumeIndex + 1]);
    for (const volumeIndex of [-1, 6, 0.5, Number.NaN])
      await refusal(readNifti(series, { volumeIndex }), "out-of-range", /volumeIndex must be an integer from 0 to 5/);
  });

  test("converts headers in metres and micrometres to mm", async () => {
    const affine = async (units: number) => [
      ...(await readNifti(niftiFile({ units, sform: [2, 0, 0, -7, 0, 1, 0, 0, 0, 0, 1, 5] }))).volume.grid.affine,
    ];
    const mm = [2, 0, 0, -7, 0, 1, 0, 0, 0, 0, 1, 5, 0, 0, 0, 1];
    for (const same of [0, 2, 10, 7]) expect(await affine(same)).toEqual(mm);
    expect(await affine(1)).toEqual(mm.map((v, n) => (n < 12 ? v * 1000 : v)));
    expect(await affine(3)).toEqual(mm.map((v, n) => (n < 12 ? v * 0.001 : v)));
  });

  test("leaves the bytes alone, and does not keep them", async () => {
    for (const { bytes } of goldenFiles().slice(0, 20)) {
      const before = bytes.slice();
      const { volume } = await readNifti(bytes);
      expect(bytes).toEqual(before);
      expect(volume.data.buffer).not.toBe(bytes.buffer);
      expect(volume.data.byteLength).toBe(volume.data.buffer.byteLength);
    }
  });

  test("reads from the middle of a larger or a shared buffer", async () => {
    const { bytes, values } = goldenFiles().find((f) => f.dtype === "float64")!;
    for (const buffer of [new ArrayBuffer(bytes.length + 7), new SharedArrayBuffer(bytes.length + 7)])
      for (const content of [bytes, gz(bytes)]) {
        const inside = new Uint8Array(buffer, 3, content.length);
        inside.set(content);
        expect((await readNifti(inside)).volume.data).toEqual(values);
      }
  });

  test("tells how far it is, and stops when it is told to", async () => {
    const bytes = gz(niftiFile({ dims: [100, 100, 20] }, new Uint8Array(200_000)));
    const steps: number[] = [];
    await readNifti(bytes, {
      onProgress: ({ done, total, stage }) => steps.push(done / total, Number(stage === "reading voxels")),
    });
    expect(steps.filter((_, n) => n % 2 === 0)).toEqual([65536 / 2e5, 131072 / 2e5, 196608 / 2e5, 1]);
    expect(steps.filter((_, n) => n % 2 === 1)).toEqual([1, 1, 1, 1]);
    const before = AbortSignal.abort();
    await refusal(readNifti(bytes, { signal: before }), "aborted", /Cancelled/);
    const stopper = new AbortController();
    await refusal(readNifti(bytes, { signal: stopper.signal, onProgress: () => stopper.abort() }), "aborted", /Cancelled/);
  });

  describe("refuses", () => {
    const huge = 2n ** 62n;
    test.each<[string, Uint8Array, string, RegExp]>([
      ["no bytes", new Uint8Array(0), "bad-file", /empty/],
      ["a few bytes", Uint8Array.of(1, 2), "bad-file", /No format/],
      ["half a header", niftiFile().slice(0, 200), "bad-file", /cut short/],
      ["half a header, version 2", niftiFile({ version: 2 }).slice(0, 400), "bad-file", /cut short/],
      ["a header alone", niftiFile().slice(0, 352), "bad-file", /end at byte 360, but the file has 352/],
      ["one byte too few", niftiFile().slice(0, -1), "bad-file", /end at byte 360, but the file has 359/],
      ["one byte too few, gzip", gz(niftiFile().slice(0, -1)), "bad-file", /ends 1 bytes too early/],
      ["no axes", niftiFile({ rank: 0 }), "bad-file", /1 to 7 axes, but this header says 0/],
      ["eight axes", niftiFile({ rank: 8 }), "bad-file", /1 to 7 axes/],
      ["a negative size", niftiFile({ dims: [2, -2, 2] }), "bad-file", /positive sizes, not \[2,-2,2\]/],
      ["a size of zero", niftiFile({ dims: [2, 0, 2] }), "bad-file", /positive sizes/],
      ["sizes beyond the file", niftiFile({ dims: [32767, 32767, 32767] }), "bad-file", /byte \d+, but the file has 360/],
      ["sizes beyond any gzip", gz(niftiFile({ dims: [32767, 32767, 1] })), "bad-file", /what is compressed can't hold more/],
      ["sizes beyond integers", niftiFile({ version: 2, dims: [2 ** 40, 2 ** 40, 1] }), "bad-file", /larger than any array/],
      ["many huge axes", niftiFile({ dims: [2, 2, 2, 32767, 32767, 32767, 32767] }), "unsupported", /volumes/],
      [
        "a voxel offset within the header",
        niftiFile({ voxelOffset: 100 }),
        "bad-file",
        /at byte 100; they start at a whole number from 352/,
      ],
      ["a voxel offset of 0", niftiFile({ voxelOffset: 0 }), "bad-file", /at byte 0/],
      ["a voxel offset of NaN", niftiFile({ voxelOffset: Number.NaN }), "bad-file", /at byte NaN/],
      ["an infinite voxel offset", niftiFile({ voxelOffset: Infinity }), "bad-file", /at byte Infinity/],
      ["a fractional voxel offset", niftiFile({ voxelOffset: 352.5 }), "bad-file", /at byte 352.5/],
      ["a negative voxel offset", niftiFile({ version: 2, voxelOffset: -544 }), "bad-file", /at byte -544/],
      ["a voxel offset beyond the file", niftiFile({ voxelOffset: 1e6 }), "bad-file", /byte 1000008/],
      ["a voxel offset beyond integers", niftiFile({ version: 2, voxelOffset: huge }), "bad-file", /whole number/],
      ["no data type", niftiFile({ dtype: 0 }), "bad-file", /data type 0/],
      ["an unknown data type", niftiFile({ dtype: 777 }), "bad-file", /data type 777/],
      ["bits", niftiFile({ dtype: 1 }), "unsupported", /single bits/],
      ["complex voxels", niftiFile({ dtype: 32 }), "unsupported", /complex64/],
      ["colour", niftiFile({ dtype: 128 }), "unsupported", /RGB/],
      ["float128", niftiFile({ dtype: 1536 }), "unsupported", /float128/],
      ["an intercept that is no number", niftiFile({ slope: 2, intercept: Number.NaN }), "bad-file", /adds NaN/],
      ["a singular sform", niftiFile({ sform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] }), "bad-file", /no grid.*invertible/],
      ["a sform of NaN", niftiFile({ sform: [Number.NaN, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }), "bad-file", /no grid/],
      [
        "a quaternion longer than one",
        niftiFile({ sformCode: 0, qformCode: 1, quaternion: [1, 0.1, 0] }),
        "bad-file",
        /quaternion/,
      ],
      [
        "a quaternion of NaN",
        niftiFile({ sformCode: 0, qformCode: 1, quaternion: [Number.NaN, 0, 0] }),
        "bad-file",
        /quaternion/,
      ],
      ["the header of a pair", niftiFile({ magic: "ni1\0" }), "unsupported", /\.hdr\/\.img pair/],
      [
        "the header of a pair, version 2",
        niftiFile({ version: 2, magic: "ni2\0\r\n\x1a\n" }),
        "unsupported",
        /\.hdr\/\.img pair/,
      ],
      ["an Analyze header", niftiFile({ magic: "\0\0\0\0" }), "unsupported", /Analyze/],
      ["line ends changed on the way", niftiFile({ version: 2, magic: "n+2\0\n\n\x1a\n" }), "bad-file", /line ends/],
    ])("%s", (_name, bytes, code, message) => refusal(readNifti(bytes), code, message));

    test("more than maxBytes", async () => {
      const bytes = niftiFile();
      await refusal(readNifti(bytes, { maxBytes: 31 }), "bad-file", /32 bytes as float32, more than maxBytes = 31/);
      expect((await readNifti(bytes, { maxBytes: 32 })).volume.data).toHaveLength(8);
      for (const maxBytes of [0, -1, Number.NaN]) await refusal(readNifti(bytes, { maxBytes }), "out-of-range", /maxBytes/);
    });

    test("what is no Uint8Array", () => refusal(readNifti(new ArrayBuffer(400) as never), "out-of-range", /Uint8Array/));
  });

  test("accepts a NIfTI-2 header without its line ends, as old writers left it", async () => {
    const { volume } = await readNifti(niftiFile({ version: 2, magic: "n+2\0\0\0\0\0" }));
    expect(volume.data).toHaveLength(8);
  });
});
