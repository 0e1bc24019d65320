import { crc32, gzipSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Inflate, readNifti } from "../../src/io/index.js";
import { inflateGzip } from "../../src/io/inflateGzip.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { concat, goldenFiles, gz, niftiFile, refusal } from "./files.js";

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return concat(...parts);
}

/** A platform that takes one member of gzip and refuses bytes after it, as the Compression standard says and browsers do. */
class OneMember extends TransformStream<Uint8Array, Uint8Array> {
  constructor() {
    const parts: Uint8Array[] = [];
    super({
      transform: (part) => void parts.push(part.slice()),
      flush(controller) {
        const bytes = concat(...parts);
        const { buffer, engine } = inflateRawSync(bytes.subarray(10), { info: true }) as unknown as {
          buffer: Buffer;
          engine: { bytesWritten: number };
        };
        const trailer = 10 + engine.bytesWritten;
        if (trailer + 8 > bytes.length) throw new TypeError("cut short");
        if (new DataView(bytes.buffer).getUint32(trailer, true) !== crc32(buffer)) throw new TypeError("checksum");
        for (let at = 0; at < buffer.length; at += 100) controller.enqueue(new Uint8Array(buffer.subarray(at, at + 100)));
        if (trailer + 8 < bytes.length) throw new TypeError("junk after the end");
      },
    });
  }
}

// The last bytes of a gzip header that starts a next member, and might start one.
const LOOKS_LIKE_MEMBER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

describe.each<[string, Inflate, boolean]>([
  ["inflateGzip", inflateGzip, false],
  ["inflateGzip where the platform takes one member", inflateGzip, true],
  ["inflateWithZlib", inflateWithZlib, false],
])("%s", (_name, inflate, strict) => {
  const run = async <T>(task: () => Promise<T>): Promise<T> => {
    if (strict) vi.stubGlobal("DecompressionStream", OneMember);
    return task();
  };
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("gives back what was compressed, in one member or many", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 9 }),
        async (parts, level) => {
          const bytes = concat(...parts.map((part) => gz(part, level)));
          expect(await run(() => all(inflate(bytes)))).toEqual(concat(...parts));
        },
      ),
    ));

  test("is not misled by voxels that look like the header of a member", async () => {
    const voxels = concat(
      new Uint8Array(30),
      Uint8Array.from(LOOKS_LIKE_MEMBER),
      new Uint8Array(50),
      Uint8Array.from(LOOKS_LIKE_MEMBER),
    );
    // Level 0 stores them as they are.
    const bytes = concat(gz(voxels, 0), gz(Uint8Array.of(7), 0));
    expect(await run(() => all(inflate(bytes)))).toEqual(concat(voxels, Uint8Array.of(7)));
  });

  test("throws at a cut, a wrong checksum or what is no gzip", async () => {
    const bytes = gz(Uint8Array.from({ length: 1000 }, (_, n) => n * n));
    for (const wrong of [
      bytes.slice(0, -1),
      bytes.slice(0, 40),
      bytes.map((b, n) => (n === bytes.length - 6 ? b ^ 1 : b)),
      concat(bytes.slice(0, 10), new Uint8Array(40).fill(255)),
    ])
      await expect(run(() => all(inflate(wrong)))).rejects.toThrow();
  });

  test("reads voxels across pieces and members", async () => {
    for (const { bytes, values } of goldenFiles()
      .filter((f) => f.bytes[0] !== 0x1f)
      .slice(0, 8)) {
      const cut = bytes.length - 11;
      const zipped = concat(gz(bytes.subarray(0, 7)), gz(bytes.subarray(7, cut)), gz(bytes.subarray(cut)));
      const { volume } = await run(() => readNifti(zipped, { inflate }));
      expect(volume.data).toEqual(values);
    }
  });

  test("gives up on members without number", async () => {
    const empty = gz(new Uint8Array(0));
    const bytes = concat(...Array.from({ length: 3000 }, () => empty), Uint8Array.of(0x1f, 0x8b, 8));
    await refusal(
      run(() => readNifti(bytes, { inflate })),
      "bad-file",
      /./,
    );
  });
});

describe("a gzip bomb", () => {
  const zeros = new Uint8Array(1 << 25);
  const bomb = (head: Uint8Array) => {
    const bytes = new Uint8Array(gzipSync(concat(head, zeros), { level: 9 }));
    expect(bytes.length).toBeLessThan(35_000);
    return bytes;
  };
  /** Counts what comes out. */
  const counting = (inflate: Inflate) => {
    const count = { bytes: 0 };
    const counted: Inflate = async function* (bytes) {
      for await (const piece of inflate(bytes)) {
        count.bytes += piece.length;
        yield piece;
      }
    };
    return { count, inflate: counted };
  };

  test.each<[string, Inflate]>([
    ["DecompressionStream", inflateGzip],
    ["zlib", inflateWithZlib],
  ])("is inflated as far as its header announces, with %s", async (_name, inflate) => {
    const small = counting(inflate);
    expect((await readNifti(bomb(niftiFile()), { inflate: small.inflate })).volume.data).toHaveLength(8);
    expect(small.count.bytes).toBeLessThan(3 << 20);

    const large = counting(inflate);
    const announced = bomb(niftiFile({ dims: [300, 300, 300] }));
    await refusal(readNifti(announced, { inflate: large.inflate, maxBytes: 1 << 20 }), "bad-file", /maxBytes/);
    expect(large.count.bytes).toBeLessThan(3 << 20);

    const none = counting(inflate);
    await refusal(readNifti(bomb(new Uint8Array(0)), { inflate: none.inflate }), "bad-file", /No format/);
    expect(none.count.bytes).toBeLessThan(3 << 20);
  });
});
