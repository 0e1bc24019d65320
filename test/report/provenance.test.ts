import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { version } from "../../src/internal/version.js";
import { provenance } from "../../src/report/provenance.js";
import { sha256 } from "../../src/report/sha256.js";

const digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

describe("sha256", () => {
  test("FIPS 180-4 vectors", async () => {
    const of = (text: string) => sha256(new TextEncoder().encode(text));
    expect(await of("")).toBe(digest);
    expect(await of("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(await of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
  });

  test("law: equals node:crypto, for views and shared memory too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.nat(8), async (bytes, skip) => {
        const view = new Uint8Array(new SharedArrayBuffer(bytes.length + skip)).subarray(skip);
        view.set(bytes);
        const expected = createHash("sha256").update(bytes).digest("hex");
        expect(await sha256(bytes)).toBe(expected);
        expect(await sha256(view)).toBe(expected);
        expect(await sha256(bytes.subarray(Math.min(skip, bytes.length)))).toBe(
          createHash("sha256")
            .update(bytes.subarray(Math.min(skip, bytes.length)))
            .digest("hex"),
        );
      }),
    );
  });
});

describe("provenance", () => {
  test("the version is package.json's", () => {
    const { version: published } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(version).toBe(published);
  });

  test("example; what is not given is absent", () => {
    const record = provenance({
      task: "simulateDose",
      date: "2025-12-02T09:30:00Z",
      seed: 7,
      options: { dose: 0.1, mask: undefined, done: () => 1 },
      inputs: [{ name: "t1.nii.gz", sha256: digest, byteLength: 0 }],
    });
    expect(record).toEqual({
      library: { name: "gadolinite", version },
      task: "simulateDose",
      date: "2025-12-02T09:30:00Z",
      options: { dose: 0.1 },
      seed: 7,
      inputs: [{ name: "t1.nii.gz", sha256: digest, byteLength: 0 }],
    });
    expect(Object.keys(provenance({ task: "x" }))).toEqual(["library", "task"]);
  });

  test("numbers that JSON lacks, arrays, dates and sets", () => {
    const { calibration } = provenance({
      task: "x",
      calibration: {
        gain: Number.NaN,
        most: Infinity,
        affine: Float64Array.of(1, Number.NaN),
        voxels: new Float32Array(1000),
        when: new Date(0),
        labels: new Set([1, 2]),
        big: 12n,
        list: [undefined, 1],
      },
    });
    expect(calibration).toEqual({
      gain: "NaN",
      most: "Infinity",
      affine: [1, "NaN"],
      voxels: { type: "Float32Array", length: 1000 },
      when: "1970-01-01T00:00:00.000Z",
      labels: [1, 2],
      big: "12",
      list: [null, 1],
    });
  });

  test("refuses", () => {
    const loop: Record<string, unknown> = {};
    loop["again"] = loop;
    for (const [options, message] of [
      [{ date: "yesterday" }, /ISO 8601/],
      [{ date: "2025-13-40" }, /ISO 8601/],
      [{ seed: -1 }, /seed/],
      [{ seed: 0.5 }, /seed/],
      [{ inputs: [{ name: "a", sha256: "abc" }] }, /SHA-256/],
      [{ options: loop }, /contains itself/],
    ] as const)
      expect(() => provenance({ task: "x", ...options })).toThrowError(
        expect.objectContaining({ code: "out-of-range", message: expect.stringMatching(message) }),
      );
  });

  test("law: JSON keeps it whole, whatever went in", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything({ withDate: true, withTypedArray: true, withMap: true, withSet: true })),
        (options) => {
          const record = provenance({ task: "x", options });
          // toStrictEqual minds prototypes, of which fast-check's objects may have none: compare the texts and the values.
          expect(JSON.parse(JSON.stringify(record))).toEqual(record);
        },
      ),
    );
  });
});
