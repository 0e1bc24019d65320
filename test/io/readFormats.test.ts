import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readMetaImage, readMgh, readNrrd, writeMgh, writeNrrd } from "../../src/io/index.js";
import { volumeOf } from "../support/arbitraries.js";
import { concat, gz, refusal } from "./files.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const zeros = (count: number) => new Uint8Array(count);

const NRRD = {
  ...{ type: "uint8", dimension: "3", space: "LPS", sizes: "2 2 2", "space directions": "(1,0,0) (0,1,0) (0,0,1)" },
  ...{ endian: "little", encoding: "raw", "space origin": "(0,0,0)" },
};

/** A NRRD file with some fields replaced, or left out where undefined. */
function nrrd(
  fields: Readonly<Record<string, string | undefined>> = {},
  voxels: Uint8Array = zeros(8),
  end = "\n\n",
): Uint8Array {
  const lines = Object.entries({ ...NRRD, ...fields }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return concat(bytes(["NRRD0004", ...lines].join("\n") + end), voxels);
}

const META = { ObjectType: "Image", NDims: "3", BinaryData: "True", DimSize: "2 2 2", ElementType: "MET_UCHAR" };

function meta(fields: Readonly<Record<string, string | undefined>> = {}, voxels: Uint8Array = zeros(8)): Uint8Array {
  const all = { ...META, ElementDataFile: "LOCAL", ...fields };
  const { ElementDataFile, ...first } = all;
  const lines = Object.entries({ ...first, ElementDataFile }).flatMap(([k, v]) => (v === undefined ? [] : [`${k} = ${v}\n`]));
  return concat(bytes(lines.join("")), voxels);
}

const noSpace = { space: undefined, "space directions": undefined, "space origin": undefined };

describe("readNrrd refuses", () => {
  test.each<[string, Uint8Array, "bad-file" | "unsupported", RegExp]>([
    ["a version that is none", concat(bytes("NRRD0009\n\n")), "bad-file", /NRRD0001 to NRRD0005/],
    ["a header without its end", nrrd({}, zeros(0), ""), "bad-file", /no empty line ends its header/],
    ["no sizes", nrrd({ sizes: undefined }), "bad-file", /no field "sizes"/],
    ["too few sizes", nrrd({ sizes: "2 2" }), "bad-file", /sizes must be 3 numbers/],
    ["a size of 0", nrrd({ sizes: "2 0 2" }), "bad-file", /positive whole sizes/],
    ["a negative size", nrrd({ sizes: "2 -2 2" }), "bad-file", /positive whole sizes/],
    ["half a voxel", nrrd({ sizes: "2 2 2.5" }), "bad-file", /positive whole sizes/],
    [
      "sizes of which no file has the bytes",
      nrrd({ sizes: "2000 2000 2000" }),
      "bad-file",
      /end at byte 8000000000, but the file has 8/,
    ],
    ["sizes beyond all numbers", nrrd({ sizes: "1e300 1e300 1e300" }), "bad-file", /positive whole/],
    ["too many voxels to count", nrrd({ sizes: "9007199254740991 9007199254740991 2" }), "bad-file", /larger than any array/],
    ["a dimension of 17", nrrd({ dimension: "17" }), "bad-file", /1 to 16 axes/],
    ["voxels cut short", nrrd({}, zeros(7)), "bad-file", /cut short/],
    ["a type that is none", nrrd({ type: "char" }), "bad-file", /type "char" is none/],
    ["blocks", nrrd({ type: "block" }), "unsupported", /blocks of bytes/],
    ["an unknown encoding", nrrd({ encoding: "rar" }), "bad-file", /encoding "rar"/],
    ["bzip2", nrrd({ encoding: "bz2" }), "unsupported", /bzip2.*Save them as gzip/],
    ["zrl", nrrd({ encoding: "zrl" }), "unsupported", /zrl/],
    ["no byte order", nrrd({ type: "short", endian: undefined }), "bad-file", /endian: little or big, but says nothing/],
    ["an unknown byte order", nrrd({ endian: "middle" }), "bad-file", /says "middle"/],
    ["an unknown field", nrrd({ "spice directions": "1" }), "bad-file", /No line of a NRRD header reads "spice directions: 1"/],
    ["a field twice", nrrd({ Sizes: "3 3 3" }), "bad-file", /says "sizes" twice/],
    ["an unknown space", nrrd({ space: "outer" }), "bad-file", /space "outer" is none/],
    ["directions in no space", nrrd({ space: undefined }), "bad-file", /does not name/],
    ["directions of two numbers", nrrd({ "space directions": "(1,0) (0,1) (0,0)" }), "bad-file", /3 vectors of 3 numbers/],
    ["two directions", nrrd({ "space directions": "(1,0,0) (0,1,0)" }), "bad-file", /3 vectors of 3 numbers/],
    ["directions in one plane", nrrd({ "space directions": "(1,0,0) (0,1,0) (1,1,0)" }), "bad-file", /no grid.*span no volume/],
    ["a direction that is NaN", nrrd({ "space directions": "(1,0,0) (0,1,0) (0,0,nan)" }), "bad-file", /no grid/],
    ["an origin that is infinite", nrrd({ "space origin": "(0,inf,0)" }), "bad-file", /no grid/],
    ["an origin that is none", nrrd({ "space origin": "none" }), "bad-file", /space origin must be 1 vector/],
    ["spacings of 0", nrrd({ ...noSpace, spacings: "1 0 1" }), "bad-file", /no grid/],
    ["too few kinds", nrrd({ ...noSpace, kinds: "domain" }), "bad-file", /1 kinds for 3 axes/],
    ["no axis of space", nrrd({ "space directions": "none none none" }), "bad-file", /0 axes of space/],
    ["colours", nrrd({ "space directions": "none (1,0,0) (0,1,0)" }), "unsupported", /holds 2 values \(colours/],
    ["several volumes", nrrd({ "space directions": "(1,0,0) (0,1,0) none" }), "unsupported", /holds 2 volumes.*volumeIndex/],
    [
      "space and time at once",
      nrrd({ space: "LPST", "space directions": "(1,0,0,1) (0,1,0,0) (0,0,1,0)", "space origin": undefined }),
      "unsupported",
      /space and time/,
    ],
    ["voxels in several files", nrrd({ "data file": "LIST" }), "unsupported", /several files/],
    ["voxels in numbered files", nrrd({ "data file": "a%03d.raw 1 9 1" }), "unsupported", /several files/],
    ["voxels elsewhere", nrrd({ "data file": "../etc/passwd" }), "unsupported", /"..\/etc\/passwd", which is not opened/],
    ["lines that are not there", nrrd({ "line skip": "3" }), "bad-file", /leaves out 3 lines before the voxels; there are 0/],
    ["a line skip below 0", nrrd({ "line skip": "-1" }), "bad-file", /0 or more/],
    ["a byte skip beyond the end", nrrd({ "byte skip": "1" }), "bad-file", /end at byte 9/],
    ["a byte skip of −2", nrrd({ "byte skip": "-2" }), "bad-file", /−1, 0 or more/],
    ["a byte skip that is none", nrrd({ "byte skip": "x" }), "bad-file", /whole number/],
    ["gzip that is none", nrrd({ encoding: "gzip" }), "bad-file", /should be gzip/],
    [
      "gzip looked for from the end",
      nrrd({ encoding: "gzip", "byte skip": "-1" }, gz(zeros(8))),
      "bad-file",
      /only if they are raw/,
    ],
    ["gzip cut short", nrrd({ encoding: "gzip" }, gz(zeros(8)).slice(0, -3)), "bad-file", /gzip stream is damaged/],
    ["gzip of too little", nrrd({ encoding: "gzip" }, gz(zeros(7))), "bad-file", /cut short/],
    ["text that is none", nrrd({ encoding: "text" }, bytes("1 2 3 4 5 6 7 x")), "bad-file", /written as text, but one is "x"/],
    ["text of too little", nrrd({ encoding: "text" }, bytes("10 20 30 40 50 60 7")), "bad-file", /cut short/],
    ["text beyond the type", nrrd({ encoding: "text" }, bytes("1 2 3 4 5 6 7 256")), "bad-file", /"256"/],
    ["fractions as integers", nrrd({ encoding: "text" }, bytes("1 2 3 4 5 6 7 1.5")), "bad-file", /"1.5"/],
    ["digits without end", nrrd({ encoding: "text" }, bytes("1".repeat(70_000))), "bad-file", /no numbers/],
    ["hex that is none", nrrd({ encoding: "hex" }, bytes("000000000000000g")), "bad-file", /hexadecimal digits, but one is "g"/],
    ["hex of too little", nrrd({ encoding: "hex" }, bytes("00 00 00 00 00 00 00 0")), "bad-file", /cut short/],
    [
      "a header without end",
      concat(bytes("NRRD0004\n# "), new Uint8Array(1 << 21).fill(65)),
      "bad-file",
      /does not end within a megabyte/,
    ],
  ])("%s", (_name, file, code, message) => refusal(readNrrd(file), code, message));

  test("data for a file that has its own", () =>
    refusal(readNrrd(nrrd(), { data: zeros(8) }), "bad-file", /leave out the option data/));
  test("data that are no bytes", () =>
    refusal(readNrrd(nrrd({ "data file": "a" }), { data: [1] as never }), "out-of-range", /Uint8Array/));
});

test("readNrrd keeps what the header says", async () => {
  const { header } = await readNrrd(concat(bytes("NRRD0005\n__proto__:=x\nmodality:=MR: T1\n"), nrrd().slice(9)));
  expect(header).toMatchObject({ version: 5, space: "left-posterior-superior", encoding: "raw", spaceOrigin: [0, 0, 0] });
  expect(Object.entries(header.keyValues)).toEqual([
    ["__proto__", "x"],
    ["modality", "MR: T1"],
  ]);
  expect(header.fields["sizes"]).toBe("2 2 2");
});

test("raw voxels that begin like gzip are not inflated", async () => {
  const voxels = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0);
  expect([...(await readNrrd(nrrd({}, voxels))).volume.data]).toEqual([...voxels]);
  expect([...(await readNrrd(nrrd({ "data file": "a.raw" }), { data: voxels })).volume.data]).toEqual([...voxels]);
  expect([...(await readMetaImage(meta({}, voxels))).volume.data]).toEqual([...voxels]);
});

test("text voxels may have commas, signs and lines", async () => {
  const text = bytes("+1,-2.5e1 .5\n\n nan\tinf -inf 7, 8 ");
  const { volume } = await readNrrd(nrrd({ type: "float", encoding: "ascii" }, text));
  expect([...volume.data]).toEqual([1, -25, 0.5, Number.NaN, Infinity, -Infinity, 7, 8]);
});

describe("readMetaImage refuses", () => {
  const zipped = new Uint8Array(deflateSync(zeros(8)));
  const compressed = { CompressedData: "True" };
  test.each<[string, Uint8Array, "bad-file" | "unsupported", RegExp]>([
    ["a header without its end", meta({ ElementDataFile: undefined }), "bad-file", /does not end with ElementDataFile/],
    ["no sizes", meta({ DimSize: undefined }), "bad-file", /no DimSize/],
    ["negative sizes", meta({ DimSize: "2 2 -2" }), "bad-file", /positive whole sizes/],
    ["huge sizes", meta({ DimSize: "2 2 1000000" }), "bad-file", /but the file has 8/],
    ["no axes", meta({ NDims: "0" }), "bad-file", /1 to 10 axes/],
    ["a field twice", meta({ "DimSize ": "2 2 3" }), "bad-file", /"DimSize" twice/],
    ["a line that is none", meta({ "Comment = x\nwords": undefined, "x\nwords y": "" }), "bad-file", /No line of a MetaImage/],
    ["another object", meta({ ObjectType: "Tube" }), "unsupported", /type "Tube"/],
    ["colours", meta({ ElementNumberOfChannels: "3" }), "unsupported", /"3" values/],
    ["an intensity function", meta({ ElementToIntensityFunctionSlope: "2" }), "unsupported", /scales its voxels/],
    ["arrays", meta({ ElementType: "MET_UCHAR_ARRAY" }), "unsupported", /one number each/],
    ["an unknown type", meta({ ElementType: "MET_HALF" }), "bad-file", /"MET_HALF" is none/],
    ["a name of every object as type", meta({ ElementType: "constructor" }), "bad-file", /is none/],
    ["a flag that is none", meta({ BinaryData: "maybe" }), "bad-file", /True or False/],
    ["text that is compressed", meta({ ...compressed, BinaryData: "False" }), "bad-file", /one is wrong/],
    ["a spacing of 0", meta({ ElementSpacing: "1 1 0" }), "bad-file", /ElementSpacing must be positive/],
    ["a spacing that is NaN", meta({ ElementSpacing: "1 1 nan" }), "bad-file", /ElementSpacing must be positive/],
    ["a matrix of four numbers", meta({ TransformMatrix: "1 0 0 1" }), "bad-file", /TransformMatrix must be 9 numbers/],
    ["a matrix without volume", meta({ TransformMatrix: "1 0 0 0 1 0 1 1 0" }), "bad-file", /no grid/],
    ["an offset that is NaN", meta({ Offset: "0 0 nan" }), "bad-file", /no grid/],
    ["voxels elsewhere", meta({ ElementDataFile: "/etc/passwd" }), "unsupported", /"\/etc\/passwd", which is not opened/],
    ["voxels in several files", meta({ ElementDataFile: "LIST" }), "unsupported", /several files/],
    ["voxels in numbered files", meta({ ElementDataFile: "a%02d.raw 1 2 1" }), "unsupported", /several files/],
    ["no file", meta({ ElementDataFile: "" }), "bad-file", /has no name/],
    ["a header size that is none", meta({ HeaderSize: "-2" }), "bad-file", /HeaderSize/],
    ["a header size in one file", meta({ HeaderSize: "10" }), "unsupported", /HeaderSize/],
    ["zlib that is none", meta(compressed), "bad-file", /should be zlib/],
    ["zlib cut short", meta(compressed, zipped.slice(0, -2)), "bad-file", /damaged/],
    [
      "a compressed size beyond the end",
      meta({ ...compressed, CompressedDataSize: "99" }, zipped),
      "bad-file",
      /announces 99 compressed/,
    ],
    ["a compressed size too small", meta({ ...compressed, CompressedDataSize: "5" }, zipped), "bad-file", /./],
    [
      "a compressed size that is none",
      meta({ ...compressed, CompressedDataSize: "-5" }, zipped),
      "bad-file",
      /CompressedDataSize/,
    ],
    ["zlib looked for from the end", meta({ ...compressed, HeaderSize: "-1" }, zipped), "bad-file", /only if they are raw/],
  ])("%s", (_name, file, code, message) => refusal(readMetaImage(file), code, message));

  test("but reads gzip where zlib is announced, as ITK does", async () => {
    const voxels = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect([...(await readMetaImage(meta(compressed, gz(voxels)))).volume.data]).toEqual([...voxels]);
  });
});

describe("readMgh", () => {
  const file = async (change: (view: DataView) => void = () => {}) => {
    const written = await writeMgh(volumeOf([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), { dtype: "uint8" });
    change(new DataView(written.buffer));
    return written;
  };

  test("takes FreeSurfer's default where there is no good RAS flag: coronal, 1 mm, around the origin", async () => {
    for (const flag of [0, -1]) {
      const { volume, header } = await readMgh(await file((view) => view.setInt16(28, flag)));
      expect([...volume.grid.affine]).toEqual([-1, 0, 0, 1, 0, 0, 1, -1, 0, -1, 0, 1, 0, 0, 0, 1]);
      expect(header.goodRas).toBe(false);
    }
  });

  test("leaves the footer alone", async () => {
    const plain = await file();
    const expected = await readMgh(plain);
    const footer = concat(plain, Uint8Array.of(0x44, 0xfa, 0, 0, 9, 9));
    expect(await readMgh(footer)).toEqual(expected);
    expect(await readMgh(gz(footer))).toEqual(expected);
  });

  test.each<[string, (view: DataView) => void, "bad-file" | "unsupported", RegExp]>([
    ["a version that is none", (v) => v.setInt32(0, 2), "bad-file", /No format/],
    ["a size of 0", (v) => v.setInt32(8, 0), "bad-file", /No format/],
    ["huge sizes", (v) => v.setInt32(8, 2 ** 31 - 1), "bad-file", /2×2147483647×2 voxels of uint8, which end at byte/],
    ["several frames", (v) => v.setInt32(16, 3), "unsupported", /3 volumes/],
    ["tensors", (v) => v.setInt32(20, 6), "unsupported", /type 6.*mri_convert/],
    ["a spacing that is NaN", (v) => v.setFloat32(30, Number.NaN), "bad-file", /no grid/],
    ["a spacing of 0", (v) => v.setFloat32(34, 0), "bad-file", /no grid/],
    ["a middle at infinity", (v) => v.setFloat32(78, Infinity), "bad-file", /no grid/],
  ])("refuses %s", async (_name, change, code, message) => refusal(readMgh(await file(change)), code, message));

  test("refuses a cut", async () => {
    const whole = await file();
    await refusal(readMgh(whole.slice(0, 283)), "bad-file", /start at byte 284, it has 283/);
    await refusal(readMgh(whole.slice(0, -1)), "bad-file", /cut short/);
  });
});

test("reading can be watched and cancelled", async () => {
  const file = await writeNrrd(volumeOf([2, 1, 1], [1, 2]), { encoding: "gzip" });
  const seen: unknown[] = [];
  await readNrrd(file, { onProgress: (p) => seen.push(p) });
  expect(seen).toEqual([{ done: 2, total: 2, stage: "reading voxels" }]);
  await refusal(readNrrd(file, { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
});
