import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Volume } from "../../src/index.js";
import { type Inflate, readDicomSeries } from "../../src/io/index.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { golden } from "../support/golden.js";
import { dicomFile, element, explicit, mrSlice } from "./dicomFiles.js";
import { concat } from "./files.js";
import {
  attempt,
  binary,
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

const { series } = golden<{ series: readonly { name: string; files: readonly Uint8Array[]; volumeIndex?: number }[] }>(
  "io/dicom",
);
const wanted = /^(int16|uint16, 12 bits, enhanced|enhanced|contrast)/;
const seeds = series.filter(({ name, volumeIndex }) => wanted.test(name) && volumeIndex === undefined);

const read = (files: readonly Uint8Array[], inflate: Inflate = inflateWithZlib): Promise<Volume | undefined> =>
  attempt((maxBytes) => readDicomSeries(files, { maxBytes, inflate }));

// The decoders are loaded, and made fast, before anything is timed.
beforeAll(async () => {
  for (const { files } of seeds) for (let n = 0; n < 3; n++) await readDicomSeries(files);
}, 60_000);

/** Bytes where an element of text or a length may lie: after the preamble. */
const within = (bytes: Uint8Array, at: number) => Math.min(132 + (at % Math.max(1, bytes.length - 132)), bytes.length - 1);

const ITEM = Uint8Array.of(0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff);
const ITEM_END = Uint8Array.of(0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0);
const SEQUENCE_END = Uint8Array.of(0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0);
const open = element(0x00081140, "SQ", new Uint8Array(0), 0xffffffff);

/** Sequences within sequences, of undefined length, ended or not. */
const nested: fc.Arbitrary<Mutation> = fc
  .tuple(position, fc.constantFrom(1, 2, 15, 16, 17, 100, 5000), fc.boolean())
  .map(([at, depth, ended]) => (bytes) => {
    const into = concat(...Array.from({ length: depth }, () => [open, ITEM]).flat());
    const out = ended ? concat(...Array.from({ length: depth }, () => [ITEM_END, SEQUENCE_END]).flat()) : new Uint8Array(0);
    const place = within(bytes, at);
    return concat(bytes.subarray(0, place), into, out, bytes.subarray(place));
  });

/** Copies a stretch of elements to another place: repeated elements, pixels within sequences. */
const repeated: fc.Arbitrary<Mutation> = fc
  .tuple(position, position, fc.integer({ min: 8, max: 400 }))
  .map(([from, to, count]) => (bytes) => {
    const [a, b] = [within(bytes, from), within(bytes, to)];
    return concat(bytes.subarray(0, b), bytes.slice(a, a + count), bytes.subarray(b));
  });

const TOKENS = [
  "0",
  "-1",
  "9",
  "65535",
  "1e999",
  "nan",
  "1\\2\\3\\4",
  "\\",
  " ",
  "1.2.840.10008.1.2.5",
  "1.2.840.10008.1.2.4.80",
];

/** Writes other text over digits. */
const digits: fc.Arbitrary<Mutation> = fc
  .array(fc.tuple(position, fc.constantFrom(...TOKENS)), { minLength: 1, maxLength: 3 })
  .map((edits) => (bytes) => {
    const copy = bytes.slice();
    const places = [
      ...Buffer.from(copy)
        .toString("latin1")
        .matchAll(/[\d.\\-]{1,30}/g),
    ].map(({ index }) => index);
    for (const [at, token] of edits)
      if (places.length > 0)
        copy.set(Buffer.from(token).subarray(0, copy.length - places[at % places.length]!), places[at % places.length]!);
    return copy;
  });

/** Writes lengths, the undefined one among them, over any two or four bytes. */
const lengths: fc.Arbitrary<Mutation> = fc
  .array(
    fc.tuple(position, fc.constantFrom([0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0xfe, 0xff, 0xff, 0x7f], [0xff, 0xff], [0, 1])),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((edits) => (bytes) => {
    const copy = bytes.slice();
    for (const [at, value] of edits) copy.set(value.slice(0, copy.length - within(copy, at)), within(copy, at));
    return copy;
  });

const DEFLATED = "1.2.840.10008.1.2.1.99";
const zeros = new Uint8Array(1 << 23);
const bombs = [
  zeros,
  concat(explicit(mrSlice()).subarray(0, 200), zeros),
  new Uint8Array(Buffer.alloc(1 << 22, element(0x00081140, "SQ", new Uint8Array(0)))),
  new Uint8Array(Buffer.alloc(1 << 22, ITEM)),
].map((content) => dicomFile({}, DEFLATED, new Uint8Array(deflateRawSync(content, { level: 9 }))));

const mutation = fc.oneof(
  { arbitrary: lengths, weight: 4 },
  { arbitrary: digits, weight: 3 },
  { arbitrary: fc.oneof(nested, repeated), weight: 3 },
  { arbitrary: binary(1500), weight: 2 },
  { arbitrary: flips, weight: 4 },
  { arbitrary: fc.oneof(cut, inserted, removed), weight: 3 },
  {
    arbitrary: fc.constantFrom(...bombs).map(
      (bomb): Mutation =>
        () =>
          bomb,
    ),
    weight: 1,
  },
);

describe("DICOM", () => {
  test("every cut of a file is refused", async () => {
    for (const { files } of seeds.filter(({ name }) => !/deflated/.test(name))) {
      const [first, ...others] = files as [Uint8Array, ...Uint8Array[]];
      // What ends a sequence of fragments is needed too.
      for (let stop = 0; stop < first.length; stop += 7) expect(await read([first.slice(0, stop), ...others])).toBeUndefined();
    }
  });

  test(`${RUNS} damaged files`, async () => {
    let readable = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        position,
        fc.array(mutation, { minLength: 1, maxLength: 2 }),
        inflater,
        async ({ files }, which, mutations, inflate) => {
          const damaged = files.slice();
          const n = which % files.length;
          damaged[n] = mutations.reduce((bytes, mutate) => (bytes.length < 140 ? bytes : mutate(bytes)), files[n]!);
          if (await read(damaged, inflate)) readable++;
        },
      ),
      { numRuns: RUNS },
    );
    expect(readable).toBeGreaterThan(RUNS / 100);
    expect(readable).toBeLessThan((RUNS * 3) / 4);
    // No damaged frame has harmed a decoder.
    for (const { files } of seeds) expect(await read(files)).toEqual((await readDicomSeries(files)).volume);
  });

  test("a byte that differs in what is compressed without loss is seen, or changes pixels alone", async () => {
    for (const { files } of seeds.filter(({ name }) => /JPEG|RLE/.test(name))) {
      const whole = await read(files);
      await fc.assert(
        fc.asyncProperty(position, fc.nat({ max: 7 }), async (at, bit) => {
          const copy = files[0]!.slice();
          copy[copy.length - 1 - (at % 100)]! ^= 1 << bit;
          const volume = await read([copy, ...files.slice(1)]);
          if (volume) expect(volume.grid).toEqual(whole!.grid);
        }),
      );
    }
  });
});
