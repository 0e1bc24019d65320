import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGadoliniteError } from "../../src/core/errors.js";
import { readSafetensors, writeSafetensors } from "../../src/model/safetensors.js";
import { asFloat32, type WeightTensor } from "../../src/model/weightTensor.js";
import { golden } from "../support/golden.js";

const tensor = (dtype: WeightTensor["dtype"], shape: readonly number[], data: WeightTensor["data"]): WeightTensor => ({
  dtype,
  shape,
  data,
});

const anyTensor: fc.Arbitrary<WeightTensor> = fc.oneof(
  fc.array(fc.float()).map((v) => tensor("float32", [v.length], Float32Array.from(v))),
  fc.array(fc.double()).map((v) => tensor("float64", [1, v.length], Float64Array.from(v))),
  fc.array(fc.nat(65535)).map((v) => tensor("bfloat16", [v.length, 1], Uint16Array.from(v))),
  fc.array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)).map((v) => tensor("int64", [v.length], BigInt64Array.from(v))),
  fc.int8Array().map((data) => tensor("int8", [data.length], data)),
  fc.integer().map((v) => tensor("int32", [], Int32Array.of(v))),
);

/** A file with this header and as many bytes of tensors. */
function file(header: unknown, bytes = 0, stated?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const whole = new Uint8Array(8 + json.length + bytes);
  new DataView(whole.buffer).setBigUint64(0, stated ?? BigInt(json.length), true);
  whole.set(json, 8);
  return whole;
}

const entry = (from: number, to: number, shape: readonly number[] = [(to - from) / 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe("safetensors", () => {
  test("reads what the safetensors library wrote", () => {
    const expected = golden<{ file: Uint8Array; tensors: Record<string, { shape: number[]; values: Float64Array }> }>(
      "model/safetensors",
    );
    // A Buffer too, whose slices are views.
    for (const bytes of [expected.file, Buffer.concat([Buffer.of(1), expected.file]).subarray(1)]) {
      const read = readSafetensors(bytes);
      expect([...read.keys()].sort()).toEqual(Object.keys(expected.tensors).sort());
      for (const [name, { shape, values }] of Object.entries(expected.tensors)) {
        const found = read.get(name)!;
        expect(found.shape, name).toEqual(shape);
        const real = /float(16|32)/.test(found.dtype);
        expect(real ? [...asFloat32(name, found)] : Array.from(found.data as Int32Array, Number), name).toEqual([...values]);
      }
    }
  });

  test("law: read ∘ write = id, and tensors lie aligned", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anyTensor), fc.dictionary(fc.string(), fc.string()), (record, metadata) => {
        const tensors = new Map(Object.entries(record));
        const bytes = writeSafetensors(tensors, { metadata });
        expect(readSafetensors(bytes)).toEqual(tensors);
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(length % 8).toBe(0);
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
        expect(header.__metadata__).toEqual(metadata);
        for (const [name, { data }] of tensors)
          if (data.length > 0) expect(header[name].data_offsets[0] % data.BYTES_PER_ELEMENT).toBe(0);
      }),
    );
  });

  test("stores real numbers as float16 or float32, others as they are", () => {
    const tensors = new Map([
      ["a", tensor("float32", [2], Float32Array.of(1, 0.1))],
      ["b", tensor("float64", [1], Float64Array.of(0.1))],
      ["c", tensor("int64", [1], BigInt64Array.of(3n))],
    ]);
    const half = readSafetensors(writeSafetensors(tensors, { dtype: "float16" }));
    expect([...half.values()].map(({ dtype }) => dtype).sort()).toEqual(["float16", "float16", "int64"]);
    expect(half.get("a")!.data).toEqual(Uint16Array.of(0x3c00, 0x2e66));
    const single = readSafetensors(writeSafetensors(half, { dtype: "float32" }));
    expect(single.get("a")).toEqual(tensor("float32", [2], Float32Array.of(1, 0.0999755859375)));
    const large = new Map([["a", tensor("float32", [1], Float32Array.of(1e6))]]);
    expect(() => writeSafetensors(large, { dtype: "float16" })).toThrowError(/up to ±65504/);
  });

  test("refuses a tensor that can't be written", () => {
    const one = tensor("float32", [2], Float32Array.of(1));
    expect(() => writeSafetensors(new Map([["a", one]]))).toThrowError(/shape \[2\], but 1 elements/);
    expect(() => writeSafetensors(new Map([["__metadata__", one]]))).toThrowError(/__metadata__/);
  });

  test.each<readonly [string, Uint8Array, RegExp]>([
    ["too short", new Uint8Array(7), /it has 7 bytes/],
    ["a header beyond the end", file("{}", 0, 3n), /should have 3 bytes, but 2/],
    ["a header of 2⁶⁴ − 1 bytes", file("{}", 0, 2n ** 64n - 1n), /should have 18446744073709551615 bytes/],
    ["no JSON", file("{"), /not JSON/],
    ["no object", file("[]"), /no JSON object/],
    ["an entry that is none", file({ a: 3 }), /entry of a/],
    ["no list of sizes", file({ a: entry(0, 4, [-1]) }, 4), /shape of a/],
    ["fractional sizes", file({ a: entry(0, 4, [0.5, 2]) }, 4), /shape of a/],
    ["one offset", file({ a: { ...entry(0, 4), data_offsets: [0] } }, 4), /data_offsets of a/],
    ["a size that is too large", file({ a: entry(0, 4, [2 ** 52, 2 ** 52]) }, 4), /needs .* bytes, but has 4/],
    ["offsets that go back", file({ a: entry(4, 0, []) }, 4), /needs 4 bytes, but has -4/],
    ["an overlap", file({ a: entry(0, 8), b: entry(4, 12) }, 12), /overlap or leave a gap/],
    ["the same bytes twice", file({ a: entry(0, 8), b: entry(0, 8) }, 8), /overlap or leave a gap/],
    ["a gap", file({ a: entry(0, 4), b: entry(8, 12) }, 12), /overlap or leave a gap/],
    ["bytes that are left over", file({ a: entry(0, 4) }, 5), /5 bytes are there/],
    ["tensors beyond the end", file({ a: entry(0, 8) }, 4), /end at byte 8, but 4 bytes are there/],
    ["no dtype", file({ a: { shape: [], data_offsets: [0, 0] } }), /no dtype/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrowError(
      expect.objectContaining({ code: "bad-model", message: expect.stringMatching(message) }),
    );
  });

  test("knows its limits", () => {
    expect(() => readSafetensors(file({ a: entry(0, 4, [4], "F8_E4M3") }, 4))).toThrowError(
      expect.objectContaining({ code: "unsupported" }),
    );
    expect(() => readSafetensors(file({ a: entry(0, 8) }, 8), { maxBytes: 7 })).toThrowError(
      /8 bytes of tensors, more than the 7/,
    );
    const padded = file(`{}${" ".repeat(1 << 24)}`);
    expect(() => readSafetensors(padded)).toThrowError(/longer than 16777216/);
  });

  test("law: any cut or flipped byte is refused, or read as some tensors", () => {
    const bytes = writeSafetensors(
      new Map([
        ["a.weight", tensor("float32", [2, 1], Float32Array.of(1, 2))],
        ["b", tensor("int8", [3], Int8Array.of(1, 2, 3))],
      ]),
    );
    const damaged = fc.oneof(
      fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length)),
      fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, value]) => bytes.with(at, value)),
      fc.uint8Array({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(damaged, (candidate) => {
        try {
          for (const { data, shape } of readSafetensors(candidate).values())
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(isGadoliniteError(error, "bad-model") || isGadoliniteError(error, "unsupported")).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
