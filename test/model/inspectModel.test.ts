import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGadoliniteError } from "../../src/index.js";
import { inspectModel } from "../../src/model/index.js";
import { bytesOf, convolutionModel, extrapolationModel, identityModel, int, message, tinyOnnx, varint } from "./tinyOnnx.js";

describe("inspectModel", () => {
  test("example", () => {
    const bytes = extrapolationModel({ metadata: { author: "né", __proto__x: "y" }, opset: 18, ir: 9 });
    expect(inspectModel(bytes)).toEqual({
      inputs: [
        { name: "image", elementType: "float32", dims: ["n", 2, "k", "j", "i"] },
        { name: "conditions", elementType: "float32", dims: ["n", 1] },
      ],
      outputs: [{ name: "restored", elementType: "float32", dims: ["n", 1, "k", "j", "i"] }],
      opset: { "": 18 },
      irVersion: 9,
      producer: "tinyOnnx",
      metadata: { author: "né", __proto__x: "y" },
      initializerCount: 4,
      initializerBytes: 8 * 8,
      externalData: false,
    });
    expect(inspectModel(convolutionModel(new Float32Array(27))).initializerBytes).toBe(4 * 28);
  });

  test("element types, free and negative dimensions, and ranks left open", () => {
    const value = (field: number, ...parts: Uint8Array[]) => message(field, message(1, "v"), message(2, message(1, ...parts)));
    const model = (...values: Uint8Array[]) => bytesOf(int(1, 8), message(7, ...values), message(8, int(2, 17)));
    const { inputs, outputs } = inspectModel(
      model(
        value(11, int(1, 7), message(2, message(1, int(1, -1)), message(1), message(1, message(2, "n")), message(1, int(1, 3)))),
        value(12, int(1, 10)),
        value(12, int(1, 99)),
        message(12, message(1, "sequence"), message(2, message(4))),
      ),
    );
    expect(inputs).toEqual([{ name: "v", elementType: "int64", dims: ["", "", "n", 3] }]);
    expect(outputs).toEqual([
      { name: "v", elementType: "float16" },
      { name: "v", elementType: "type 99" },
      { name: "sequence", elementType: "other" },
    ]);
  });

  test("weights that old files list among the inputs are none", () => {
    const bytes = identityModel({
      inputs: [
        { name: "image", dims: [1] },
        { name: "w", dims: [1] },
      ],
      initializers: { w: { dims: [1], data: Float32Array.of(1) } },
      ir: 3,
    });
    expect(inspectModel(bytes).inputs.map(({ name }) => name)).toEqual(["image"]);
  });

  test("sees weights in another file", () => {
    const tensor = message(5, message(8, "w"), message(13, message(1, "location"), message(2, "w.bin")), int(14, 1));
    expect(inspectModel(bytesOf(int(1, 8), message(7, tensor), message(8, int(2, 17)))).externalData).toBe(true);
  });

  test("a view into a larger buffer, or into shared memory", () => {
    const bytes = identityModel({ metadata: { key: "value" } });
    const inside = new Uint8Array(new SharedArrayBuffer(bytes.length + 9)).subarray(4, 4 + bytes.length);
    inside.set(bytes);
    expect(inspectModel(inside)).toEqual(inspectModel(bytes));
  });

  describe("refuses what is no model", () => {
    const cases: [string, Uint8Array, RegExp][] = [
      ["nothing", new Uint8Array(0), /0 graph/],
      ["text", new TextEncoder().encode("<!doctype html><p>404"), /no ONNX model/],
      ["zeros", new Uint8Array(64), /0 is no field number/],
      ["no graph", bytesOf(int(1, 8), message(8, int(2, 17))), /0 graph/],
      ["two graphs", bytesOf(int(1, 8), message(7), message(7), message(8, int(2, 17))), /2 graph/],
      ["no operator set", bytesOf(int(1, 8), message(7)), /0 operator set/],
      [
        "a length of 2⁶³",
        bytesOf(int(1, 8), varint(7 * 8 + 2), varint(2n ** 63n), [1, 2, 3]),
        /a field of .* begins where 3 are left/,
      ],
      ["a number without end", bytesOf(int(1, 8), new Array(12).fill(0xff), [1]), /a number has no end/],
      ["a group", bytesOf(int(1, 8), varint(7 * 8 + 3)), /3 is no wire type/],
      [
        "names that are no UTF-8",
        bytesOf(int(1, 8), message(7, message(11, message(1, Uint8Array.of(0xff)))), message(8, int(2, 1))),
        /not UTF-8/,
      ],
      [
        "65 dimensions",
        bytesOf(int(1, 8), message(7, message(11, message(2, message(1, message(2, ...Array(65).fill(message(1)))))))),
        /64 dimensions/,
      ],
      ["endless metadata", bytesOf(int(1, 8), new Array(10_001).fill([14 * 8 + 2, 0]).flat()), /more than 10000 entries/],
    ];
    test.each(cases)("%s", (_name, bytes, message) => {
      expect(() => inspectModel(bytes)).toThrow(
        expect.objectContaining({ code: "bad-model", message: expect.stringMatching(message) }),
      );
    });
  });

  test("law: any cut, flipped byte or noise gives bad-model or a right answer, never anything else", () => {
    const bytes = extrapolationModel({ metadata: { "gadolinite.card": "{}" } });
    const survives = (damaged: Uint8Array) => {
      try {
        inspectModel(damaged);
      } catch (error) {
        if (!isGadoliniteError(error, "bad-model")) throw error;
      }
    };
    for (let length = 0; length < bytes.length; length++) survives(bytes.subarray(0, length));
    for (let at = 0; at < bytes.length; at++)
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128]) survives(bytes.map((v, i) => (i === at ? v ^ flip : v)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => void survives(noise)));
    // A cut within the graph is never taken for a whole model.
    const graphEnd = bytes.length - 30;
    for (let length = 0; length < graphEnd - 40; length++) expect(() => inspectModel(bytes.subarray(0, length))).toThrow();
  });

  test("law: reads what was written", () => {
    const name = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
    const dims = fc.array(fc.oneof(fc.integer({ min: 0, max: 2 ** 40 }), name), { maxLength: 6 });
    const values = fc.uniqueArray(fc.record({ name, dims }), { minLength: 1, maxLength: 4, selector: (v) => v.name });
    fc.assert(
      fc.property(values, values, fc.dictionary(name, fc.string({ unit: "grapheme" })), (inputs, outputs, metadata) => {
        const info = inspectModel(tinyOnnx({ inputs, outputs, nodes: [], metadata }));
        expect(info.inputs).toEqual(inputs.map((v) => ({ ...v, elementType: "float32" })));
        expect(info.outputs).toEqual(outputs.map((v) => ({ ...v, elementType: "float32" })));
        expect(Object.entries(info.metadata)).toEqual(Object.entries(metadata));
      }),
    );
  });

  test("a file of a million empty weights takes no memory to speak of", () => {
    const body = new Uint8Array(2_000_000);
    for (let i = 0; i < body.length; i += 2) body[i] = 5 * 8 + 2;
    const bytes = bytesOf2(int(1, 8), varint(7 * 8 + 2), varint(body.length), body, message(8, int(2, 17)));
    const before = process.memoryUsage();
    expect(inspectModel(bytes).initializerCount).toBe(1_000_000);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    expect(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(64e6);
  });
});

/** Like `bytesOf`, without spreading millions of bytes into an array of numbers. */
function bytesOf2(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}
