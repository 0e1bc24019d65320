import { simulateDose } from "../../src/dose/simulateDose.js";
import { compare } from "../support/compare.js";
import { brainSizedPair } from "../support/inputs.js";

// Goal: within 1.3 of a bare loop that also allocates its result.
const { pre, post } = brainSizedPair();
await compare(
  "linear dose, 240×240×155",
  {
    gadolinite: () => simulateDose(pre, post, { dose: 0.1 }),
    "bare loop": () => {
      const a = pre.data;
      const b = post.data;
      const out = new Float32Array(a.length);
      for (let i = 0; i < out.length; i++) out[i] = 0.9 * a[i]! + 0.1 * b[i]!;
      return out;
    },
  },
  { rounds: 15 },
);
