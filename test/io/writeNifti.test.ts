import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume, type Grid, spacingMm, type Volume, type VoxelArray } from "../../src/index.js";
import { readNifti, type WritableDtype, type WriteNiftiOptions, writeNifti } from "../../src/io/index.js";
import { qformAffine } from "../../src/io/niftiAffine.js";
import { grid, intensity, volume, volumeOf } from "../support/arbitraries.js";
import { refusal } from "./files.js";

const ARRAYS = { uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array };

/** A volume of any type and grid, over its type's whole range; floats are any bits at all. */
const anyVolume = (): fc.Arbitrary<Volume<VoxelArray>> =>
  fc.tuple(grid(4), fc.constantFrom("uint8", "int16", "uint16", "float32")).chain(([g, dtype]) => {
    const bytes = g.shape[0] * g.shape[1] * g.shape[2] * ARRAYS[dtype].BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((raw): Volume<VoxelArray> => createVolume(new ARRAYS[dtype](raw.slice().buffer), g));
  });

const format = (): fc.Arbitrary<WriteNiftiOptions & { version: 1 | 2 }> =>
  fc.record({
    version: fc.constantFrom(1, 2),
    gzip: fc.boolean(),
    description: fc.string({ maxLength: 20 }).map((s) => s.replaceAll("\0", "")),
  });

/** The grid as a version stores it. */
const storedGrid = ({ shape, affine }: Grid, version: 1 | 2): Grid => ({
  shape,
  affine: version === 1 ? affine.map(Math.fround) : affine,
});

const bits = (data: VoxelArray) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

describe("writeNifti", () => {
  test("examples", async () => {
    const v = volumeOf([2, 1, 1], [-1.5, 300]);
    const bytes = await writeNifti(v);
    expect(bytes).toHaveLength(352 + 8);
    expect(new TextDecoder().decode(bytes.subarray(344, 348))).toBe("n+1\0");
    const two = await writeNifti(v, { version: 2, dtype: "float64", description: "Größe" });
    expect(two).toHaveLength(544 + 16);
    expect([...two.subarray(4, 12)]).toEqual([0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a]);
    const { header } = await readNifti(two);
    expect(header).toMatchObject({
      ...{
        version: 2,
        littleEndian: true,
        dtype: "float64",
        dims: [2, 1, 1],
        pixdim: [1, 1, 1, 1, 1, 1, 1, 1],
        voxelOffset: 544,
      },
      ...{ slope: 1, intercept: 0, sformCode: 2, qformCode: 2, units: { space: "mm", time: "unknown" }, description: "Größe" },
    });
    const zipped = await writeNifti(v, { gzip: true });
    expect([...zipped.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(await writeNifti(v, { gzip: true })).toEqual(zipped);
  });

  describe("laws", () => {
    test("what is read is what was written, bit for bit", () =>
      fc.assert(
        fc.asyncProperty(anyVolume(), format(), async (v, options) => {
          const { volume: again, header } = await readNifti(await writeNifti(v, options));
          expect(again.grid).toEqual(storedGrid(v.grid, options.version));
          const expected = v.data instanceof Float32Array ? v.data : Float32Array.from(v.data);
          expect(bits(again.data)).toEqual(bits(expected));
          expect(header.description).toBe(options.description);
        }),
      ));

    test("floats become integers of the nearest value, halves even, in any type that holds them", () =>
      fc.assert(
        fc.asyncProperty(volume(4), fc.constantFrom<WritableDtype>("int16", "int32", "float64", "float32"), async (v, dtype) => {
          const { volume: again } = await readNifti(await writeNifti(v, { dtype }));
          again.data.forEach((value, n) => expect(value).toBe(dtype.startsWith("float") ? v.data[n] : halfEven(v.data[n]!) + 0));
        }),
      ));

    test("scaling is undone by the reader, to half a step", () =>
      fc.assert(
        fc.asyncProperty(
          volume(4),
          fc.double({ min: 0.1, max: 3, noNaN: true }),
          intensity(),
          fc.constantFrom(1, 2),
          async (v, slope, intercept, version) => {
            const { volume: again } = await readNifti(await writeNifti(v, { dtype: "int32", slope, intercept, version }));
            // And float32 of the voxel itself.
            again.data.forEach((value, n) =>
              expect(Math.abs(value - v.data[n]!)).toBeLessThanOrEqual(slope / 2 + Math.abs(value) * 2 ** -23),
            );
          },
        ),
      ));

    test("the qform says what the sform says", () =>
      fc.assert(
        fc.asyncProperty(grid(), fc.constantFrom(1, 2), async (g, version) => {
          const { header } = await readNifti(
            await writeNifti(createVolume(new Uint8Array(g.shape[0] * g.shape[1] * g.shape[2]), g), { version }),
          );
          expect(header).toMatchObject({ sformCode: 2, qformCode: 2 });
          // a = sqrt(1 − b² − c² − d²) loses half the digits of the file's floats near a half turn.
          const tolerance = 4 * Math.sqrt(version === 1 ? 2 ** -22 : 2 ** -50) * Math.max(...spacingMm(g));
          const qform = qformAffine(header);
          for (let n = 0; n < 12; n++) {
            const isOffset = n % 4 === 3;
            expect(Math.abs(qform[n]! - g.affine[n]!)).toBeLessThanOrEqual(
              isOffset ? Math.abs(g.affine[n]!) * 2 ** -24 + 2 ** -149 : tolerance,
            );
          }
        }),
      ));
  });

  test("a sheared grid has a sform alone", async () => {
    const sheared = createGrid({ shape: [2, 2, 2], affine: [1, 0.2, 0, 5, 0, 1, 0, 6, 0, 0, -3, 7] });
    const { header, volume: again } = await readNifti(await writeNifti(createVolume(new Uint8Array(8), sheared)));
    expect(header).toMatchObject({ sformCode: 2, qformCode: 0, quaternion: [0, 0, 0] });
    expect(header.pixdim[0]).toBe(-1);
    expect(again.grid).toEqual(storedGrid(sheared, 1));
  });

  test("a long axis makes it NIfTI-2", async () => {
    const long = createVolume(new Uint8Array(40000), createGrid({ shape: [1, 40000, 1] }));
    const { header } = await readNifti(await writeNifti(long));
    expect(header).toMatchObject({ version: 2, dims: [1, 40000, 1] });
    await refusal(writeNifti(long, { version: 1 }), "out-of-range", /32767.*Write version 2/);
  });

  describe("refuses", () => {
    const v = volumeOf([3, 1, 1], [-1, 0.4, 70000]);
    test.each<[string, Volume<VoxelArray>, WriteNiftiOptions, RegExp]>([
      ["voxels below the type", v, { dtype: "uint16" }, /Voxel 0 is -1, and uint16 holds 0 to 65535/],
      ["voxels above the type", v, { dtype: "int16" }, /Voxel 2 is 70000, and int16 holds -32768 to 32767/],
      ["voxels that don't fit though scaled", v, { dtype: "int8", slope: 2 }, /with this slope and intercept/],
      ["voxels just above", volumeOf([1, 1, 1], [255.5]), { dtype: "uint8" }, /255\.5/],
      ["2³¹ as int32", volumeOf([1, 1, 1], [2 ** 31]), { dtype: "int32" }, /int32/],
      ["NaN as an integer", volumeOf([2, 1, 1], [0, Number.NaN]), { dtype: "int16" }, /NaN or infinite can't be stored as int16/],
      ["infinity as an integer", volumeOf([2, 1, 1], [Infinity, 0]), { dtype: "int32" }, /NaN or infinite/],
      [
        "integers that don't fit",
        createVolume(Uint16Array.of(40000), createGrid({ shape: [1, 1, 1] })),
        { dtype: "int16" },
        /40000/,
      ],
      ["a type that is none", v, { dtype: "int64" as never }, /dtype must be one of/],
      ["a version that is none", v, { version: 3 as never }, /version must be one of/],
      ["a slope of 0", v, { slope: 0 }, /slope/],
      ["a slope of NaN", v, { slope: Number.NaN }, /slope must be a finite number/],
      ["a slope beyond float32", v, { slope: 1e40 }, /float32/],
      ["a slope that float32 rounds to 0", v, { slope: 1e-60 }, /slope/],
      ["an infinite intercept", v, { intercept: Infinity }, /intercept/],
      ["a long description", v, { description: "é".repeat(40) }, /80\. Shorten it/],
      [
        "an affine beyond float32",
        createVolume(new Uint8Array(1), createGrid({ shape: [1, 1, 1], affine: [1, 0, 0, 1e39, 0, 1, 0, 0, 0, 0, 1, 0] })),
        {},
        /Write version 2/,
      ],
      ["an array of another length", { grid: v.grid, data: new Float32Array(2) }, {}, /3 voxels/],
      ["an array of another kind", { grid: v.grid, data: [1, 2, 3] as never }, {}, /Float32Array/],
    ])("%s", (_name, wrong, options, message) => refusal(writeNifti(wrong, options), "out-of-range", message));

    test("and the slope and intercept that it then names do fit", () =>
      fc.assert(
        fc.asyncProperty(volume(4), fc.constantFrom<WritableDtype>("uint8", "int8", "int16"), async (v, dtype) => {
          const outside = createVolume(
            v.data.map((x) => x * 1000 + 1e5),
            v.grid,
          );
          const message = await writeNifti(outside, { dtype }).catch((e: Error) => e.message);
          const [, slope, intercept] = /slope (\S+) with intercept (\S+) would fit/.exec(String(message))!.map(Number) as [
            number,
            number,
            number,
          ];
          const { volume: again } = await readNifti(await writeNifti(outside, { dtype, slope, intercept }));
          again.data.forEach((value, n) =>
            expect(Math.abs(value - outside.data[n]!)).toBeLessThanOrEqual(0.5001 * slope + Math.abs(value) * 2 ** -22),
          );
        }),
      ));
  });
});

/** Rounds halves to the even neighbour, by another way than the library's. */
function halfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}
