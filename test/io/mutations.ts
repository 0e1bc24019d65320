import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { isGadoliniteError, type Volume, voxelCount } from "../../src/index.js";
import type { Inflate } from "../../src/io/index.js";
import { inflateGzip } from "../../src/io/inflateGzip.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { concat, gz } from "./files.js";

// 10,000 damaged files a format: each is refused with `bad-file` or `unsupported`, or gives a volume that can be one; no read takes a
// second, or takes more than four times the cap in arrays, all that it ever allocates added up.
export const RUNS = 10_000;
const MAX_BYTES = 1 << 20;
const MAX_MS = 1000;

export type Mutation = (bytes: Uint8Array) => Uint8Array;

let allocated = 0;

/** Counts the bytes of arrays that are made with a length. */
function counted<T extends typeof Uint8Array | typeof Float32Array | typeof Float64Array>(array: T): T {
  return new Proxy(array, {
    construct(target, args: unknown[], newTarget) {
      const made = Reflect.construct(target, args, newTarget) as InstanceType<T>;
      if (typeof args[0] === "number") allocated += made.byteLength;
      return made;
    },
  });
}

/** Counts what all tests of a file allocate. */
export function countAllocations(): void {
  beforeAll(() => {
    vi.stubGlobal("Uint8Array", counted(Uint8Array));
    vi.stubGlobal("Float32Array", counted(Float32Array));
    vi.stubGlobal("Float64Array", counted(Float64Array));
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });
}

export const position = fc.nat({ max: 1 << 20 });

export const flips: fc.Arbitrary<Mutation> = fc
  .array(fc.tuple(position, fc.nat({ max: 7 })), { minLength: 1, maxLength: 4 })
  .map((which) => (bytes) => {
    const copy = bytes.slice();
    for (const [at, bit] of which) copy[at % copy.length]! ^= 1 << bit;
    return copy;
  });

export const cut: fc.Arbitrary<Mutation> = position.map((at) => (bytes) => bytes.slice(0, at % bytes.length));

export const inserted: fc.Arbitrary<Mutation> = fc.tuple(position, fc.uint8Array({ minLength: 1, maxLength: 40 })).map(
  ([at, more]) =>
    (bytes) =>
      concat(bytes.subarray(0, at % bytes.length), more, bytes.subarray(at % bytes.length)),
);

export const removed: fc.Arbitrary<Mutation> = fc.tuple(position, fc.integer({ min: 1, max: 40 })).map(
  ([at, count]) =>
    (bytes) =>
      concat(bytes.subarray(0, at % bytes.length), bytes.subarray((at % bytes.length) + count)),
);

/**
 * Reads a damaged file within the limits; gives the volume, or undefined where it was refused as it should be.
 *
 * @param read is told how much memory it may take
 */
export async function attempt(read: (maxBytes: number) => Promise<{ readonly volume: Volume }>): Promise<Volume | undefined> {
  const start = performance.now();
  allocated = 0;
  try {
    const { volume } = await read(MAX_BYTES);
    expect(volume.data.length).toBe(voxelCount(volume.grid));
    expect(volume.data.byteLength).toBeLessThanOrEqual(MAX_BYTES);
    expect(volume.grid.affine.every(Number.isFinite)).toBe(true);
    // What is made is counted.
    expect(allocated).toBeGreaterThanOrEqual(volume.data.byteLength);
    return volume;
  } catch (error) {
    if (!isGadoliniteError(error, "bad-file") && !isGadoliniteError(error, "unsupported")) throw error;
    expect(error.message.length).toBeLessThan(700);
    return undefined;
  } finally {
    expect(performance.now() - start).toBeLessThan(MAX_MS);
    expect(allocated).toBeLessThanOrEqual(4 * MAX_BYTES);
  }
}

const INTEGERS = [0, 1, -1, 2, 7, 8, 127, 255, 256, 1000, 32767, -32768, 2 ** 24, 2 ** 31 - 1, -(2 ** 31)];
const FLOATS = [Number.NaN, Infinity, -Infinity, 0, -1, 1e-38, 3e38, 352, 353.5, -352, 1e9];

/** Writes integers and floats over fields of a binary header. */
export const binary = (headerBytes: number): fc.Arbitrary<Mutation> =>
  fc
    .array(
      fc.tuple(
        fc.nat({ max: headerBytes - 1 }),
        fc.boolean(),
        fc.oneof(
          fc.constantFrom(...INTEGERS).map((v) => ({ v, size: 4 })),
          fc.constantFrom(...INTEGERS).map((v) => ({ v, size: 2 })),
          fc.constantFrom(...FLOATS).map((v) => ({ v, size: 0 })),
        ),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((fields) => (bytes) => {
      const copy = bytes.slice();
      const view = new DataView(copy.buffer);
      for (const [at, little, { v, size }] of fields) {
        const offset = Math.min(at & ~1, copy.length - 4);
        if (size === 4) view.setInt32(offset, v, little);
        else if (size === 2) view.setInt16(offset, v, little);
        else view.setFloat32(offset, v, little);
      }
      return copy;
    });

const zeros = new Uint8Array(1 << 23);
export const bombs = [new Uint8Array(deflateSync(zeros, { level: 9 })), gz(zeros, 9)] as const;

export const inflater = fc.oneof(
  { arbitrary: fc.constant<Inflate>(inflateWithZlib), weight: 9 },
  { arbitrary: fc.constant<Inflate>(inflateGzip), weight: 1 },
);
