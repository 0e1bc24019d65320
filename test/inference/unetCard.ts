import type { ModelCard } from "../../src/model/index.js";
import { fullCard } from "../model/cards.js";

export const channel = (name: string) => ({ name, offset: 0, scale: 1 });

/** Of a `conditionalUnet3d` with its default inputs. */
export const unetCard: ModelCard = {
  ...fullCard,
  name: "unet",
  inputs: [{ name: "x", channels: ["normalized-difference", "low", "local-sd"].map(channel) }],
  conditions: {
    input: "conditions",
    values: ["dose", "fieldStrengthT", "relaxivity", "noise"].map((name) => ({ ...channel(name), unit: "1", default: 1 })),
  },
  output: { ...fullCard.output, name: "y" },
  patch: { window: [16, 16, 16], divisibleBy: [4, 4, 4], marginVoxels: 0, overlap: 0.5 },
};
