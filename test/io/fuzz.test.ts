import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGadoliniteError, voxelCount } from "../../src/index.js";
import { type Inflate, type ReadVolumeResult, readVolume } from "../../src/io/index.js";
import { inflateGzip } from "../../src/io/inflateGzip.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { goldenFiles, gz } from "./files.js";

const files = goldenFiles();
const plain = files.filter((f) => f.bytes[0] !== 0x1f);
const maxBytes = 1 << 16;

/** The volume, or undefined where the file was refused as it should be. */
async function attempt(bytes: Uint8Array, inflate: Inflate = inflateWithZlib): Promise<ReadVolumeResult | undefined> {
  try {
    const result = await readVolume(bytes, { maxBytes, inflate });
    expect(result.volume.data.length).toBe(voxelCount(result.volume.grid));
    expect(result.volume.data.byteLength).toBeLessThanOrEqual(maxBytes);
    return result;
  } catch (error) {
    if (!isGadoliniteError(error, "bad-file") && !isGadoliniteError(error, "unsupported")) throw error;
    return undefined;
  }
}

const flipped = (bytes: Uint8Array, flips: readonly (readonly [at: number, bit: number])[]) => {
  const copy = bytes.slice();
  for (const [at, bit] of flips) copy[at % copy.length]! ^= 1 << bit;
  return copy;
};
const flips = (maxLength: number) =>
  fc.array(fc.tuple(fc.nat({ max: 1 << 20 }), fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength });
const inflater = () => fc.constantFrom<Inflate[]>(inflateGzip, inflateWithZlib);

describe("damaged files are refused, or give a volume of the right size within the limit", () => {
  test("any cut of a plain file is refused", () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...plain), fc.nat({ max: 1 << 20 }), async ({ bytes }, at) => {
        expect(await attempt(bytes.slice(0, at % bytes.length))).toBeUndefined();
      }),
      { numRuns: 300 },
    ));

  test("any cut of a gzip file is refused", () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...plain), fc.nat({ max: 1 << 20 }), inflater(), async ({ bytes }, at, inflate) => {
        const zipped = gz(bytes);
        expect(await attempt(zipped.slice(0, at % zipped.length), inflate)).toBeUndefined();
      }),
      { numRuns: 200 },
    ));

  test("any flipped bits of a plain file", () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...plain), flips(3), async ({ bytes }, which) => {
        await attempt(flipped(bytes, which));
      }),
      { numRuns: 1000 },
    ));

  test("any flipped bits of the header", () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...plain), flips(3), async ({ bytes, version }, which) => {
        await attempt(
          flipped(
            bytes,
            which.map(([at, bit]) => [at % (version === 1 ? 348 : 540), bit]),
          ),
        );
      }),
      { numRuns: 1000 },
    ));

  test("every single bit of one header", async () => {
    const { bytes } = plain[0]!;
    for (let at = 0; at < 352; at++) for (let bit = 0; bit < 8; bit++) await attempt(flipped(bytes, [[at, bit]]));
    expect(await attempt(bytes)).toBeDefined();
  });

  test("any flipped bit of a gzip file is refused, or changes nothing", () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...plain), flips(1), inflater(), async ({ bytes, values }, which, inflate) => {
        const result = await attempt(flipped(gz(bytes), which), inflate);
        if (result) expect(result.volume.data).toEqual(values);
      }),
      { numRuns: 1000 },
    ));

  test("any bytes at all", () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 700 }), fc.boolean(), async (bytes, zipped) => {
        expect(await attempt(zipped ? gz(bytes) : bytes)).toBeUndefined();
      }),
    ));
});
