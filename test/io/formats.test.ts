import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readMetaImage, readMgh, readNrrd, readVolume, type StoredDtype } from "../../src/io/index.js";
import { inflateGzip } from "../../src/io/inflateGzip.js";
import { loadVolumeWithHeader } from "../../src/node/index.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { dataPath, hasData } from "../support/data.js";
import { golden } from "../support/golden.js";
import { gz, refusal } from "./files.js";

interface FormatFile {
  readonly name: string;
  readonly format: "nrrd" | "metaimage" | "mgh";
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  readonly data?: Uint8Array;
  readonly volumeIndex?: number;
  readonly affine: Float64Array;
  readonly values: Float32Array;
}

interface FormatSample extends Omit<FormatFile, "bytes" | "values"> {
  readonly code?: string;
  readonly sha256: readonly string[];
}

const { files, samples } = golden<{ files: readonly FormatFile[]; samples: readonly FormatSample[] }>("io/formats");
const READERS = { nrrd: readNrrd, metaimage: readMetaImage, mgh: readMgh };

/**
 * NRRD and MetaImage are decimal text, multiplied in float64 on both sides. nibabel multiplies MGH's unit vectors with the spacing in
 * float32, then with up to 256 voxels.
 */
const tolerance = (format: string) => (format === "mgh" ? 2 ** -24 * 8 * 256 : 1e-12);

function expectAffine(actual: ArrayLike<number>, expected: Float64Array, format: string): void {
  expected.forEach((v, n) => expect(Math.abs(v - actual[n]!)).toBeLessThanOrEqual(tolerance(format)));
}

describe("values and affine of small files", () => {
  test.each(files.map((file) => [file.name, file] as const))("%s", async (_name, file) => {
    const { data, volumeIndex, format } = file;
    const options = { ...(data ? { data } : {}), ...(volumeIndex === undefined ? {} : { volumeIndex }) };
    const result = await READERS[format](file.bytes, options);
    expect(result.volume.grid.shape).toEqual(file.shape);
    expectAffine(result.volume.grid.affine, file.affine, format);
    expect(new Uint32Array(result.volume.data.buffer)).toEqual(new Uint32Array(file.values.buffer));
    expect(result.header).toMatchObject({ format, dtype: file.dtype });
    // By content, and with both inflaters.
    for (const inflate of [inflateGzip, inflateWithZlib])
      expect(await readVolume(file.bytes, { ...options, inflate })).toEqual(result);
    const maxBytes = result.volume.data.byteLength;
    await refusal(readVolume(file.bytes, { ...options, maxBytes: maxBytes - 1 }), "bad-file", /more than maxBytes/);
  });

  test("gzip around a file that is not compressed within", async () => {
    for (const file of files.filter(({ name }) => / raw /.test(name)))
      expect((await readVolume(gz(file.bytes))).volume.data).toEqual(file.values);
    const inner = files.find((f) => f.name === "nrrd: int16 gzip <")!;
    await refusal(readVolume(gz(inner.bytes)), "unsupported", /gzip within it. Inflate the file first/);
  });
});

describe("values and affine of the shared samples", () => {
  test.skipIf(!hasData).each(samples.map((s) => [s.name, s] as const))("%s", async (name, sample) => {
    if (sample.code) return refusal(loadVolumeWithHeader(dataPath(name)), sample.code, /bzip2.*Save them as gzip/);
    if (sample.sha256.length > 1) await refusal(readVolume(readFileSync(dataPath(name))), "unsupported", /volumeIndex/);
    for (const [volumeIndex, hash] of sample.sha256.entries()) {
      const { volume, header } = await loadVolumeWithHeader(dataPath(name), { volumeIndex });
      expect(volume.grid.shape).toEqual(sample.shape);
      expectAffine(volume.grid.affine, sample.affine, sample.format);
      expect(createHash("sha256").update(new Uint8Array(volume.data.buffer)).digest("hex")).toBe(hash);
      expect(header).toMatchObject({ format: sample.format, dtype: sample.dtype });
    }
  });
});
