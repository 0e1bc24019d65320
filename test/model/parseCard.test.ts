import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGadoliniteError } from "../../src/index.js";
import { parseCard, pinetzConditions } from "../../src/model/index.js";
import { extrapolationCard, fullCard, plainCard } from "./cards.js";

describe("parseCard", () => {
  test("fills in the defaults, from an object or a text", () => {
    expect(parseCard(plainCard)).toEqual(fullCard);
    expect(parseCard(JSON.stringify(plainCard))).toEqual(fullCard);
    expect(parseCard(fullCard)).toEqual(fullCard);
    expect(parseCard(extrapolationCard)).toEqual(extrapolationCard);
  });

  test("the paper's conditions are a valid part of a card", () => {
    const conditions = { input: "conditions", values: pinetzConditions };
    const { conditions: parsed } = parseCard({ ...plainCard, conditions });
    expect(parsed).toEqual(conditions);
    // What the network gets is float32.
    const scaled = (values: Record<string, number>) =>
      Float32Array.from(pinetzConditions, (c) => (values[c.name]! - c.offset) / c.scale);
    expect(scaled({ dose: 0.33, fieldStrengthT: 1.5, relaxivity: 4.6, noise: 0.03 })).toEqual(
      Float32Array.of(0.33, -1, 0.46, 0.3),
    );
    expect(scaled({ dose: 0.1, fieldStrengthT: 3, relaxivity: 3.4, noise: 0 })).toEqual(Float32Array.of(0.1, 1, 0.34, 0));
  });

  describe("refuses, naming the field", () => {
    const selfTest = {
      seed: 1,
      tolerance: 0.1,
      inputs: { image: [1, 1, 2, 2, 2] },
      expected: { restored: { dims: [8], mean: 0, rms: 1, values: [1] } },
    };
    const condition = { name: "dose", unit: "1" };
    const cases: [string, object, RegExp][] = [
      ["a missing field", { licence: undefined }, /card\.licence must be a text that is not empty, but is nothing/],
      ["an empty text", { name: " " }, /card\.name must be a text/],
      ["a strange field", { windw: 3 }, /card has no field "windw"; its fields are format, name/],
      ["another format", { format: 2 }, /card\.format must be one of 1, but is 2/],
      ["no inputs", { inputs: [] }, /card\.inputs must be a list of 1 or more/],
      [
        "a channel's scale of 0",
        { inputs: [{ name: "a", channels: [{ name: "pre", scale: 0 }] }] },
        /card\.inputs\[0\]\.channels\[0\]\.scale must be a finite number other than 0, but is 0/,
      ],
      [
        "a number as text",
        { inputs: [{ name: "a", channels: [{ name: "pre", offset: "1" }] }] },
        /offset must be a finite number, but is "1"/,
      ],
      [
        "an unknown meaning",
        { output: { name: "y", meaning: "image" } },
        /card\.output\.meaning must be one of "standard-dose", "signal"/,
      ],
      ["a window of two", { patch: { window: [8, 8] } }, /card\.patch\.window must be a list of 3/],
      ["half a voxel", { patch: { window: [8, 8, 0.5] } }, /card\.patch\.window\[2\] must be an integer of 1 or more/],
      [
        "an overlap of 1",
        { patch: { window: [8, 8, 8], overlap: 1 } },
        /card\.patch\.overlap must be a number from 0 up to but not 1/,
      ],
      [
        "a window that can't be divided",
        { patch: { window: [8, 8, 9], divisibleBy: [4, 4, 4] } },
        /window \[8,8,9\] must be a multiple/,
      ],
      ["a percentile of 101", { preprocessing: { percentile: 101, within: "brain" } }, /card\.preprocessing\.percentile/],
      [
        "a spacing of 0",
        { preprocessing: { percentile: 95, within: "brain", spacingMm: [1, 1, 0] } },
        /spacingMm\[2\] must be a positive/,
      ],
      [
        "a name used twice",
        { conditions: { input: "image", values: [condition] } },
        /inputs and conditions has the name "image" twice/,
      ],
      [
        "a condition twice",
        { conditions: { input: "c", values: [condition, condition] } },
        /conditions\.values has the name "dose" twice/,
      ],
      [
        "a range that falls",
        { conditions: { input: "c", values: [{ ...condition, range: [1, 0] }] } },
        /range \[1,0\] of condition "dose" must rise/,
      ],
      [
        "a default outside",
        { conditions: { input: "c", values: [{ ...condition, range: [0, 1], default: 2 }] } },
        /hold its default/,
      ],
      [
        "a self-test without numbers",
        { selfTest: { ...selfTest, expected: { y: { dims: [8], mean: 0, rms: 1, values: [] } } } },
        /card\.selfTest\.expected\.y\.values/,
      ],
      ["a negative tolerance", { selfTest: { ...selfTest, tolerance: -1 } }, /card\.selfTest\.tolerance/],
      ["a short checksum", { sha256: "abc" }, /card\.sha256 must be 64 hexadecimal digits/],
    ];
    test.each(cases)("%s", (_name, change, message) => {
      expect(() => parseCard({ ...plainCard, ...change })).toThrow(
        expect.objectContaining({ code: "bad-model", message: expect.stringMatching(message) }),
      );
    });

    test("what is no card at all", () => {
      for (const wrong of [null, undefined, 3, [], "[]", "null"])
        expect(() => parseCard(wrong)).toThrow(/card must be an object/);
      expect(() => parseCard("{")).toThrow(/The model card is no JSON/);
      expect(() => parseCard('{"__proto__": {"name": "x"}}')).toThrow(/no field "__proto__"/);
    });
  });

  test("law: any JSON is parsed or refused as bad-model", () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(fullCard)), (value, key) => {
        for (const json of [value, { ...plainCard, [key]: value }])
          try {
            const card = parseCard(json);
            expect(parseCard(JSON.stringify(card))).toEqual(card);
          } catch (error) {
            if (!isGadoliniteError(error, "bad-model")) throw error;
          }
      }),
    ));
});
