import type { ModelCard } from "../../src/model/index.js";

/** The least that a card must say; for `identityModel`. */
export const plainCard = {
  format: 1,
  name: "copycat",
  version: "0.0.1",
  description: "Gives its input back.",
  intendedUse: "Tests.",
  limits: "Restores nothing.",
  licence: "CC0-1.0",
  inputs: [{ name: "image", channels: [{ name: "pre" }] }],
  output: { name: "restored", meaning: "standard-dose" },
  patch: { window: [8, 8, 8] },
  preprocessing: { percentile: 95, within: "brain" },
} as const;

/** The same with every default written out, as `parseCard` gives it. */
export const fullCard: ModelCard = {
  ...plainCard,
  inputs: [{ name: "image", channels: [{ name: "pre", offset: 0, scale: 1 }] }],
  output: { name: "restored", meaning: "standard-dose", offset: 0, scale: 1 },
  patch: { window: [8, 8, 8], divisibleBy: [1, 1, 1], marginVoxels: 0, overlap: 0.5 },
};

/** For `extrapolationModel`: pre + (low − pre) · 1/dose, the dose being handed over as its reciprocal. */
export const extrapolationCard: ModelCard = {
  ...fullCard,
  name: "extrapolation",
  inputs: [
    {
      name: "image",
      channels: [
        { name: "pre", offset: 0, scale: 1 },
        { name: "low", offset: 0, scale: 1 },
      ],
    },
  ],
  conditions: { input: "conditions", values: [{ name: "gain", unit: "1", offset: 0, scale: 1, range: [0, 100] }] },
};
