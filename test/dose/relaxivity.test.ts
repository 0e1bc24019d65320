import { describe, expect, test } from "vitest";
import { relaxivity } from "../../src/dose/relaxivity.js";

describe("relaxivity", () => {
  test("the values that Pinetz et al. give their network, with their source", () => {
    expect(relaxivity("gadobutrol", 1.5).r1LPerMmolS).toBe(4.6);
    expect(relaxivity("gadobutrol", 3).r1LPerMmolS).toBe(4.5);
    expect(relaxivity("gadoterate", 1.5).r1LPerMmolS).toBe(3.9);
    expect(relaxivity("gadoterate", 3)).toEqual({
      agent: "gadoterate",
      fieldStrengthT: 3,
      r1LPerMmolS: 3.4,
      sdLPerMmolS: 0.4,
      medium: "human whole blood, 37 °C",
      source: "shen2015",
      citation: "Shen et al. 2015, Invest Radiol 50:330",
    });
  });

  test.each([
    ["Dotarem", "gadoterate"],
    ["clariscan", "gadoterate"],
    ["GADOVIST", "gadobutrol"],
    [" Gadavist ", "gadobutrol"],
    ["prohance", "gadoteridol"],
    ["magnevist", "gadopentetate"],
    ["multihance", "gadobenate"],
    ["omniscan", "gadodiamide"],
    ["optimark", "gadoversetamide"],
    ["eovist", "gadoxetate"],
    ["primovist", "gadoxetate"],
    ["gadoterate meglumine", "gadoterate"],
    ["Gadobenate dimeglumine (MultiHance)", "gadobenate"],
  ])("%s is %s", (name, agent) => {
    for (const field of [1.5, 3, 7]) expect(relaxivity(name, field)).toEqual(relaxivity(agent, field));
    expect(relaxivity(name, 3).agent).toBe(agent);
  });

  test("gadopiclenol is known from one source only, which is marked as second-hand", () => {
    for (const name of ["gadopiclenol", "elucirem", "vueway"])
      expect(relaxivity(name, 3)).toMatchObject({
        r1LPerMmolS: 11.6,
        source: "robic2019",
        medium: expect.stringMatching(/second-hand/),
      });
    expect(relaxivity("gadopiclenol", 1.5)).not.toHaveProperty("sdLPerMmolS");
  });

  test("studies differ, and each says which it is", () => {
    const of = (source: "szomolanyi2019-blood" | "szomolanyi2019-plasma") => relaxivity("gadobutrol", 3, { source });
    expect(of("szomolanyi2019-blood")).toMatchObject({ r1LPerMmolS: 3.47, sdLPerMmolS: 0.16, source: "szomolanyi2019-blood" });
    expect(of("szomolanyi2019-plasma")).toMatchObject({ r1LPerMmolS: 4.97, medium: expect.stringMatching(/plasma/) });
  });

  test.each([
    [() => relaxivity("gadofosveset", 3), /Known are gadoterate.*gadopiclenol.*dotarem/],
    [() => relaxivity("", 3), /Known are/],
    [() => relaxivity("constructor", 3), /Known are/],
    [() => relaxivity("gadobutrol", 2.89), /1\.5, 3, 7 T.*not at 2\.89/],
    [() => relaxivity("gadopiclenol", 7), /1\.5, 3 T/],
    [() => relaxivity("gadobutrol", Number.NaN), /not at NaN/],
    [
      () => relaxivity("gadodiamide", 3, { source: "szomolanyi2019-blood" }),
      /from szomolanyi2019-blood.*gadobutrol, gadoteridol, gadoterate/,
    ],
    [() => relaxivity("gadobutrol", 1.5, { source: "szomolanyi2019-blood" }), /known at 3 T/],
    [() => relaxivity("gadobutrol", 3, { source: "wikipedia" as never }), /source must be one of/],
  ])("refuses %s", (call, message) => {
    expect(call).toThrowError(message);
    expect(call).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });
});
