import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVolume, type Volume, type VoxelArray } from "../../src/index.js";
import { type WritableDtype, type WriteNiftiOptions, writeNifti } from "../../src/io/index.js";
import { affine, grid, volumeOn } from "../support/arbitraries.js";

const python = (program: string, ...args: readonly string[]) =>
  spawnSync("/usr/bin/python3", ["-c", program, ...args], { encoding: "utf8", maxBuffer: 1 << 26 });

const hasNibabel = python("import nibabel").status === 0;

// Loads every file of a folder; `complaints` is what nibabel's own check of the header finds.
const READ = `
import glob, json, sys
import nibabel as nib, numpy as np
result = {}
for path in sorted(glob.glob(sys.argv[1] + "/*")):
    image = nib.load(path)
    header = image.header
    qform, code = header.get_qform(coded=True)
    result[path.rsplit("/", 1)[1]] = {
        "shape": image.shape, "affine": image.affine.ravel().tolist(), "dtype": header.get_data_dtype().name,
        "values": np.asarray(image.dataobj, dtype=np.float64).ravel(order="F").tolist(),
        "complaints": type(header).diagnose_binaryblock(header.binaryblock),
        "qform": None if qform is None else qform.ravel().tolist(), "codes": [int(header["sform_code"]), code],
        "units": header.get_xyzt_units()[0], "description": header["descrip"].item().decode(), "offset": int(image.dataobj.offset),
    }
print(json.dumps(result))
`;

interface NibabelReading {
  readonly shape: readonly number[];
  readonly affine: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
  readonly complaints: string;
  readonly qform: readonly number[] | null;
  readonly codes: readonly number[];
  readonly units: string;
  readonly description: string;
  readonly offset: number;
}

const DTYPES: readonly WritableDtype[] = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "float32", "float64"];

describe.skipIf(!hasNibabel)("nibabel reads what writeNifti writes", () => {
  test("every type, version and compression, on any grid", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "gadolinite-"));
    const written = new Map<string, { volume: Volume<VoxelArray>; options: WriteNiftiOptions }>();
    try {
      const value = fc.integer({ min: 0, max: 127 });
      const combinations = DTYPES.flatMap((dtype) =>
        ([1, 2] as const).flatMap((version) => [true, false].map((gzip) => ({ dtype, version, gzip }))),
      );
      for (const options of combinations)
        for (const g of fc.sample(grid(5), 4)) {
          const name = `${written.size}.nii${options.gzip ? ".gz" : ""}`;
          const volume = fc.sample(volumeOn(g, value), 1)[0]!;
          written.set(name, { volume, options: { ...options, description: `number ${written.size}` } });
        }
      for (const [name, { volume, options }] of written) writeFileSync(join(folder, name), await writeNifti(volume, options));

      const { stdout, stderr, status } = python(READ, folder);
      expect(status, stderr).toBe(0);
      const readings = JSON.parse(stdout) as Record<string, NibabelReading>;
      expect(Object.keys(readings)).toHaveLength(written.size);
      for (const [name, { volume, options }] of written) {
        const { affine: matrix, values, qform, ...rest } = readings[name]!;
        const stored = (v: number) => (options.version === 1 ? Math.fround(v) : v);
        expect(rest).toEqual({
          ...{ shape: volume.grid.shape, dtype: options.dtype, complaints: "", codes: [2, 2], units: "mm" },
          ...{ description: options.description, offset: options.version === 1 ? 352 : 544 },
        });
        expect(matrix).toEqual([...volume.grid.affine].map(stored));
        expect(values).toEqual([...volume.data]);
        // A float32 quaternion near a half turn keeps half its digits.
        const tolerance = options.version === 1 ? 0.02 : 1e-5;
        qform!.forEach((v, n) => expect(Math.abs(v - volume.grid.affine[n]!)).toBeLessThan(tolerance));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("scaled voxels too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gadolinite-"));
    try {
      const g = { shape: [5, 4, 3] as const, affine: fc.sample(affine(), 1)[0]! };
      const volume = createVolume(
        Float32Array.from({ length: 60 }, (_, n) => n * 3.7 - 100),
        g,
      );
      for (const version of [1, 2] as const)
        writeFileSync(
          join(folder, `${version}.nii`),
          await writeNifti(volume, { dtype: "int16", slope: 0.01, intercept: -5, version }),
        );
      const readings = JSON.parse(python(READ, folder).stdout) as Record<string, NibabelReading>;
      for (const { values } of Object.values(readings))
        values.forEach((v, n) => expect(Math.abs(v - volume.data[n]!)).toBeLessThan(0.00501));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
