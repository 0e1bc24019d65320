import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Inflate, readVolume, writeMetaImage, writeMgh, writeNifti, writeNrrd } from "../../src/io/index.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { volumeOf } from "../support/arbitraries.js";
import { concat, gz } from "./files.js";
import {
  attempt,
  binary,
  bombs,
  countAllocations,
  cut,
  flips,
  inflater,
  inserted,
  type Mutation,
  position,
  RUNS,
  removed,
} from "./mutations.js";

countAllocations();

interface Seed {
  readonly bytes: Uint8Array;
  readonly data?: Uint8Array;
}

const NUMBERS = [
  ...[
    "0",
    "-1",
    "1",
    "3",
    "16",
    "17",
    "255",
    "65536",
    "2147483647",
    "4294967296",
    "-2147483648",
    "9007199254740992",
    "1e18",
    "1e308",
    "1e999",
  ],
  ...["nan", "-inf", "0.5", "1e-320", "", "(0,0,0)", "none", "0x10", "٣", "1 1 1 1", "100000 100000 100000", "999 999 999"],
];
const WORDS = [
  ...[
    "raw",
    "gzip",
    "ascii",
    "hex",
    "bzip2",
    "zlib",
    "LOCAL",
    "LIST",
    "../../etc/passwd",
    "/dev/zero",
    "a%03d.raw 1 99999 1",
    "True",
    "False",
  ],
  ...[
    "int16",
    "double",
    "uint64",
    "block",
    "MET_DOUBLE",
    "MET_UCHAR",
    "MET_STRING",
    "little",
    "big",
    "LPS",
    "LPST",
    "domain",
    "list",
    "NaN",
  ],
  "__proto__",
];
const LINES = [
  "byte skip: -1",
  "byte skip: 4294967296",
  "line skip: 2147483647",
  "data file: x.raw",
  "HeaderSize = -1",
  "CompressedDataSize = 1",
  "a",
  ":",
  "=",
];

const lineEdit = fc.oneof(
  fc.constantFrom(...NUMBERS, ...WORDS).map((value) => (line: string) => [line.replace(/([:=] ?).*/, `$1${value}`)]),
  fc.tuple(position, fc.constantFrom(...NUMBERS)).map(([at, value]) => (line: string) => {
    let n = 0;
    const count = line.match(/-?\d[\d.e+-]*/g)?.length ?? 1;
    return [line.replace(/-?\d[\d.e+-]*/g, (word) => (n++ === at % count ? value : word))];
  }),
  fc.constant((line: string) => [line, line]),
  fc.constant(() => []),
  fc.constantFrom(...LINES).map((more) => (line: string) => [more, line]),
);

/** Edits lines of a text header, leaving the voxels as they are. */
const text: fc.Arbitrary<Mutation> = fc
  .array(fc.tuple(position, lineEdit), { minLength: 1, maxLength: 3 })
  .map((edits) => (bytes) => {
    const whole = Buffer.from(bytes).toString("latin1");
    const end = /\n\n|ElementDataFile.*\n/.exec(whole);
    const stop = end ? end.index + end[0].length : whole.length;
    const lines = whole.slice(0, stop).split("\n");
    for (const [at, edit] of edits) if (lines.length > 0) lines.splice(at % lines.length, 1, ...edit(lines[at % lines.length]!));
    return Uint8Array.from(Buffer.from(lines.join("\n") + whole.slice(stop), "latin1"));
  });

/** Puts a deflate bomb where the voxels begin. */
const bomb: fc.Arbitrary<Mutation> = fc.constantFrom(...bombs).map((payload) => (bytes) => {
  const end = /\n\n|ElementDataFile.*\n/.exec(Buffer.from(bytes).toString("latin1"));
  return concat(end ? bytes.subarray(0, end.index + end[0].length) : bytes.subarray(0, 352), payload);
});

const v = volumeOf([3, 2, 2], [1, -2, 3.5, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const counts = volumeOf([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
/** The voxels in a file of their own. */
const detached = async (bytes: Uint8Array, line: string): Promise<Seed> => {
  const end = /\n\n|ElementDataFile.*\n/.exec(Buffer.from(bytes).toString("latin1"))!;
  const stop = end.index + end[0].length;
  const header = Buffer.from(bytes.subarray(0, stop))
    .toString("latin1")
    .replace(/\n\n$|ElementDataFile.*\n$/, line);
  return { bytes: new TextEncoder().encode(header), data: bytes.slice(stop) };
};

const FORMATS: Readonly<
  Record<string, { readonly seeds: () => Promise<readonly Seed[]>; readonly own: fc.Arbitrary<Mutation> }>
> = {
  NIfTI: {
    own: binary(544),
    seeds: async () => [
      { bytes: await writeNifti(v) },
      { bytes: await writeNifti(v, { version: 2, dtype: "float64" }) },
      { bytes: await writeNifti(counts, { dtype: "int16", slope: 0.5 }) },
    ],
  },
  NRRD: {
    own: text,
    seeds: async () => [
      { bytes: await writeNrrd(v) },
      { bytes: await writeNrrd(v, { encoding: "gzip", littleEndian: false, space: "right-anterior-superior" }) },
      { bytes: await writeNrrd(counts, { encoding: "ascii", dtype: "uint8" }) },
      { bytes: await writeNrrd(counts, { encoding: "hex", dtype: "int16" }) },
      await detached(await writeNrrd(counts, { dtype: "int32" }), "\ndata file: x.raw\n"),
    ],
  },
  MetaImage: {
    own: text,
    seeds: async () => [
      { bytes: await writeMetaImage(v) },
      { bytes: await writeMetaImage(v, { encoding: "zlib", littleEndian: false }) },
      { bytes: await writeMetaImage(counts, { encoding: "ascii", dtype: "uint8" }) },
      await detached(await writeMetaImage(counts, { dtype: "int16" }), "ElementDataFile = x.raw\n"),
    ],
  },
  MGH: {
    own: binary(90),
    seeds: async () => [{ bytes: await writeMgh(v) }, { bytes: await writeMgh(counts, { dtype: "uint8" }) }],
  },
};

const read = (bytes: Uint8Array, inflate: Inflate, data?: Uint8Array) =>
  attempt((maxBytes) => readVolume(bytes, { maxBytes, inflate, ...(data ? { data } : {}) }));

describe.each(Object.entries(FORMATS))("%s", (_name, { seeds, own }) => {
  test("the seeds are read, and every cut of their voxels is refused", async () => {
    for (const { bytes, data } of await seeds()) {
      const whole = data ?? bytes;
      for (let stop = 0; stop <= whole.length; stop++) {
        const part = whole.slice(0, stop);
        const result = data ? await read(bytes, inflateWithZlib, part) : await read(part, inflateWithZlib);
        // The line end after the last number of a text, and its last digit, may be missing.
        const asText = whole.at(-1) === 10;
        if (stop === whole.length) {
          expect(result).toBeDefined();
        } else if (!asText || stop < whole.length - 2) expect(result).toBeUndefined();
      }
    }
  });

  test(`${RUNS} damaged files`, async () => {
    const all = await seeds();
    let readable = 0;
    const mutation = fc.oneof(
      { arbitrary: own, weight: 6 },
      { arbitrary: flips, weight: 3 },
      { arbitrary: fc.oneof(cut, inserted, removed), weight: 3 },
      { arbitrary: bomb, weight: 1 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: all.length - 1 }),
        fc.array(mutation, { minLength: 1, maxLength: 2 }),
        fc.constantFrom("plain", "plain", "gzip", "damaged gzip", "damaged data"),
        flips,
        inflater,
        async (which, mutations, wrapping, more, inflate) => {
          const seed = all[which]!;
          let bytes = mutations.reduce((b, mutate) => (b.length < 5 ? b : mutate(b)), seed.bytes);
          if (wrapping.endsWith("gzip")) bytes = gz(bytes, 1);
          if (wrapping === "damaged gzip") bytes = more(bytes);
          const data = wrapping === "damaged data" && seed.data ? more(seed.data) : seed.data;
          if (await read(bytes, inflate, data)) readable++;
        },
      ),
      { numRuns: RUNS },
    );
    // Damage that changes a voxel, a digit or a comment is read; a lane in which all or nothing is would test nothing.
    expect(readable).toBeGreaterThan(RUNS / 100);
    expect(readable).toBeLessThan(RUNS / 2);
  });

  test("damage within what is compressed is found", async () => {
    for (const { bytes } of (await seeds()).filter(({ data }) => data === undefined)) {
      const whole = await read(bytes, inflateWithZlib);
      await fc.assert(
        fc.asyncProperty(flips, async (flip) => {
          const result = await read(flip(gz(bytes)), inflateWithZlib);
          if (result) expect(result).toEqual(whole);
        }),
        { numRuns: 500 },
      );
    }
  });
});
