import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  CARD_KEY,
  cardOf,
  createModel,
  inspectModel,
  modelSha256,
  parseCard,
  withCard,
  withoutCard,
} from "../../src/model/index.js";
import { extrapolationCard, fullCard, plainCard } from "./cards.js";
import { bytesOf, extrapolationModel, identityModel, message } from "./tinyOnnx.js";

const bytes = identityModel({ metadata: { author: "x" } });

describe("withCard, cardOf, withoutCard", () => {
  test("a model carries its card", () => {
    expect(cardOf(bytes)).toBeUndefined();
    expect(cardOf(withCard(bytes, fullCard))).toEqual(fullCard);
    const model = createModel(withCard(bytes, fullCard));
    expect(model.card).toEqual(fullCard);
    expect(createModel(model.bytes, { card: extrapolationCard }).card).toBe(extrapolationCard);
    expect(createModel(bytes)).toEqual({ bytes });
  });

  test("the rest stays byte for byte, and a second card takes the first one's place", () => {
    const before = bytes.slice();
    const once = withCard(bytes, fullCard);
    expect(bytes).toEqual(before);
    expect(once.subarray(0, bytes.length)).toEqual(bytes);
    const twice = withCard(once, extrapolationCard);
    expect(cardOf(twice)).toEqual(extrapolationCard);
    expect(withoutCard(twice)).toEqual(bytes);
    expect(withoutCard(bytes)).toEqual(bytes);
    expect(inspectModel(twice).metadata).toEqual({ author: "x", [CARD_KEY]: JSON.stringify(parseCard(extrapolationCard)) });
  });

  test("a card in the middle of a file is taken out too", () => {
    const card = message(14, message(1, CARD_KEY), message(2, "{}"));
    expect(withoutCard(bytesOf(card, bytes, card, message(14, message(1, "b")), card))).toEqual(
      bytesOf(bytes, message(14, message(1, "b"))),
    );
  });

  test("refuses a card or a model that is none", () => {
    const bad = (message: RegExp) => expect.objectContaining({ code: "bad-model", message: expect.stringMatching(message) });
    expect(() => withCard(new Uint8Array(9), fullCard)).toThrow(bad(/no ONNX model/));
    expect(() => withCard(bytes, { ...plainCard, name: "" } as never)).toThrow(bad(/card\.name/));
    expect(() => cardOf(identityModel({ metadata: { [CARD_KEY]: "{" } }))).toThrow(bad(/no JSON/));
    expect(() => cardOf(bytes.subarray(0, 20))).toThrow(bad(/no ONNX model/));
  });
});

describe("modelSha256", () => {
  test("is node:crypto's, and the card doesn't change it", async () => {
    const model = extrapolationModel();
    const expected = createHash("sha256").update(model).digest("hex");
    expect(await modelSha256(model)).toBe(expected);
    expect(await modelSha256(withCard(model, extrapolationCard))).toBe(expected);
  });
});
