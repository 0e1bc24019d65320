import { subtract } from "../../src/enhancement/subtract.js";
import { compare } from "../support/compare.js";
import { brainSizedPair } from "../support/inputs.js";

// Goal: within 1.3 of a bare loop that also allocates its result.
const { pre, post } = brainSizedPair();
await compare(
  "subtraction, 240×240×155",
  {
    gadolinite: () => subtract(pre, post),
    "bare loop": () => {
      const a = pre.data;
      const b = post.data;
      const out = new Float32Array(a.length);
      for (let i = 0; i < out.length; i++) out[i] = b[i]! - a[i]!;
      return out;
    },
  },
  { rounds: 15 },
);
