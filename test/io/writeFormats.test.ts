import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume, spacingMm, type Volume, type VoxelArray } from "../../src/index.js";
import {
  type MghDtype,
  readMetaImage,
  readMgh,
  readNrrd,
  type WritableDtype,
  writeDetachedMetaImage,
  writeDetachedNrrd,
  writeMetaImage,
  writeMgh,
  writeNrrd,
} from "../../src/io/index.js";
import { grid, volumeOf } from "../support/arbitraries.js";
import { refusal } from "./files.js";

const ARRAYS = { uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array };

/** A volume of any type and grid, over its type's whole range; floats are any bits at all, but NaN has one kind. */
const anyVolume = (): fc.Arbitrary<Volume<VoxelArray>> =>
  fc.tuple(grid(4), fc.constantFrom("uint8", "int16", "uint16", "float32")).chain(([g, dtype]) => {
    const bytes = g.shape[0] * g.shape[1] * g.shape[2] * ARRAYS[dtype].BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((raw): Volume<VoxelArray> => createVolume(new ARRAYS[dtype](raw.slice().buffer), g));
  });

const WIDER: Readonly<Record<string, readonly WritableDtype[]>> = {
  Uint8Array: ["uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"],
  Int16Array: ["int16", "int32", "float32", "float64"],
  Uint16Array: ["uint16", "int32", "uint32", "float32", "float64"],
  Float32Array: ["float32", "float64"],
};

/** Types that hold each voxel of the volume. */
const holding = (v: Volume<VoxelArray>) => fc.constantFrom(...WIDER[v.data.constructor.name]!);

const withOptions = <T>(options: fc.Arbitrary<T>) =>
  anyVolume().chain((v) => fc.tuple(fc.constant(v), holding(v), options)) as fc.Arbitrary<[Volume<VoxelArray>, WritableDtype, T]>;

function expectVoxels(actual: Float32Array, { data }: Volume<VoxelArray>): void {
  expect(actual).toEqual(data instanceof Float32Array ? data : Float32Array.from(data));
}

/** Lengths and places to a relative error, of the longest step and the furthest place. */
function expectAffine(actual: ArrayLike<number>, v: Volume<VoxelArray>, relative: number): void {
  const { affine, shape } = v.grid;
  const reach = spacingMm(v.grid).reduce(
    (sum, step, axis) => sum + step * shape[axis]!,
    Math.hypot(affine[3]!, affine[7]!, affine[11]!),
  );
  affine.forEach((value, n) => expect(Math.abs(value - actual[n]!)).toBeLessThanOrEqual(reach * relative));
}

describe("what is read is what was written", () => {
  const space = fc.constantFrom(
    "left-posterior-superior" as const,
    "right-anterior-superior" as const,
    "left-anterior-superior" as const,
  );
  const nrrd = fc.record({ encoding: fc.constantFrom("raw", "gzip", "ascii", "hex"), littleEndian: fc.boolean(), space });
  const meta = fc.record({ encoding: fc.constantFrom("raw", "zlib", "ascii"), littleEndian: fc.boolean() });

  test("NRRD, in one file and in two, the affine to the last bit", () =>
    fc.assert(
      fc.asyncProperty(withOptions(nrrd), async ([v, dtype, options]) => {
        const { header, data } = await writeDetachedNrrd(v, { ...options, dtype, dataFile: "v.raw" });
        const detached = await readNrrd(header, { data });
        const attached = await readNrrd(await writeNrrd(v, { ...options, dtype }));
        for (const { volume } of [attached, detached]) {
          expectVoxels(volume.data, v);
          // A 0 that was turned round has no sign.
          expect(volume.grid.affine).toEqual(v.grid.affine.map((value) => value + 0));
        }
        expect(attached.header).toMatchObject({ dtype, ...options });
        expect(detached.header.dataFile).toBe("v.raw");
      }),
    ));

  test("MetaImage, in one file and in two, the affine to float64's rounding", () =>
    fc.assert(
      fc.asyncProperty(withOptions(meta), async ([v, dtype, options]) => {
        const { header, data } = await writeDetachedMetaImage(v, { ...options, dtype, dataFile: "v.raw" });
        const detached = await readMetaImage(header, { data });
        const attached = await readMetaImage(await writeMetaImage(v, { ...options, dtype }));
        for (const { volume } of [attached, detached]) {
          expectVoxels(volume.data, v);
          // A division by the spacing and a product with it.
          expectAffine(volume.grid.affine, v, 2 ** -51);
        }
        expect(attached.header).toMatchObject({ dtype, ...options });
        expect(detached.header.dataFile).toBe("v.raw");
      }),
    ));

  test("MGH, the affine to float32's rounding", () =>
    fc.assert(
      fc.asyncProperty(withOptions(fc.boolean()), async ([v, dtype, gzip]) => {
        fc.pre(dtype !== "float64" && dtype !== "uint32" && dtype !== "int8");
        const { volume, header } = await readMgh(await writeMgh(v, { dtype: dtype as MghDtype, gzip }));
        expectVoxels(volume.data, v);
        // Unit vectors, spacing and the middle are rounded each, and multiplied.
        expectAffine(volume.grid.affine, v, 2 ** -22);
        expect(header).toMatchObject({ dtype, goodRas: true });
      }),
    ));
});

test("default types", async () => {
  const g = createGrid({ shape: [1, 1, 1] });
  for (const [array, mgh] of [
    [Uint8Array.of(7), "uint8"],
    [Int16Array.of(7), "int16"],
    [Uint16Array.of(7), "int32"],
    [Float32Array.of(7), "float32"],
  ] as const) {
    const v = createVolume<VoxelArray>(array, g);
    expect((await readMgh(await writeMgh(v))).header.dtype).toBe(mgh);
    const own = array instanceof Uint16Array ? "uint16" : mgh;
    expect((await readNrrd(await writeNrrd(v))).header.dtype).toBe(own);
    expect((await readMetaImage(await writeMetaImage(v))).header.dtype).toBe(own);
  }
});

test("the text of the headers", async () => {
  const v = createVolume(Uint8Array.of(1, 2), createGrid({ shape: [2, 1, 1], spacingMm: [1, 2, 3] }));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  expect(text(await writeNrrd(v, { encoding: "ascii" }))).toBe(
    "NRRD0004\ntype: uint8\ndimension: 3\nspace: left-posterior-superior\nsizes: 2 1 1\nspace directions: (-1,0,0) (0,-2,0) (0,0,3)\n" +
      "kinds: domain domain domain\nendian: little\nencoding: ascii\nspace origin: (0.5,0,0)\n\n1 2\n",
  );
  expect(text(await writeMetaImage(v, { encoding: "ascii" }))).toBe(
    "ObjectType = Image\nNDims = 3\nBinaryData = False\nBinaryDataByteOrderMSB = False\nCompressedData = False\n" +
      "TransformMatrix = -1 0 0 0 -1 0 0 0 1\nOffset = 0.5 0 0\nCenterOfRotation = 0 0 0\nElementSpacing = 1 2 3\nDimSize = 2 1 1\n" +
      "ElementType = MET_UCHAR\nElementDataFile = LOCAL\n1 2\n",
  );
});

describe("refuses", () => {
  const v = volumeOf([2, 1, 1], [-1, 300]);
  const far = createVolume(new Uint8Array(1), createGrid({ shape: [1, 1, 1], affine: [1, 0, 0, 1e39, 0, 1, 0, 0, 0, 0, 1, 0] }));
  test.each<[string, Promise<unknown>, RegExp]>(
    [
      ["voxels that do not fit", () => writeNrrd(v, { dtype: "uint8" }), /uint8 holds 0 to 255/],
      ["voxels that do not fit", () => writeMetaImage(v, { dtype: "int8" }), /int8 holds -128 to 127/],
      ["voxels that do not fit", () => writeMgh(v, { dtype: "uint8" }), /uint8/],
      ["a type that is none", () => writeNrrd(v, { dtype: "int64" as never }), /dtype must be one of/],
      ["a type that MGH has not", () => writeMgh(v, { dtype: "float64" as never }), /dtype must be one of/],
      ["an encoding that is none", () => writeNrrd(v, { encoding: "bzip2" as never }), /encoding must be one of/],
      ["an encoding that is none", () => writeMetaImage(v, { encoding: "gzip" as never }), /encoding must be one of/],
      ["a space that is none", () => writeNrrd(v, { space: "scanner-xyz" as never }), /space must be one of/],
      ["a path", () => writeDetachedNrrd(v, { dataFile: "../a.raw" }), /name of a file in the same folder/],
      ["a path", () => writeDetachedMetaImage(v, { dataFile: "/a.raw" }), /name of a file in the same folder/],
      ["a name of two lines", () => writeDetachedNrrd(v, { dataFile: "a\nsizes: 3" }), /name of a file/],
      ["LOCAL as a name", () => writeDetachedMetaImage(v, { dataFile: "LOCAL" }), /name of a file/],
      ["an affine beyond float32", () => writeMgh(far), /float32 of MGH. Write NRRD/],
      ["an array of another length", () => writeMgh({ grid: v.grid, data: new Float32Array(3) }), /2 voxels/],
    ].map(([name, write, message]) => [name, write, message]) as never,
  )("%s", async (_name, write, message) => refusal((write as unknown as () => Promise<unknown>)(), "out-of-range", message));
});
