import { createPhantom } from "../../src/phantom/index.js";
import { registerRigid } from "../../src/registration/index.js";
import { compare } from "../support/compare.js";

// What the presets cost, beside each other: nearly all of it is elastix in WebAssembly, on one thread.
const misregistration = { rotationDeg: [0, 0, 5], shiftMm: [3, 0, 0] } as const;
const { preContrast, postContrast } = await createPhantom({ seed: 1, shape: [88, 104, 88], misregistration });
const post = postContrast[0]!.volume;

await compare(
  "registerRigid, 88×104×88 voxels of 2 mm",
  {
    chen2025: () => registerRigid(preContrast, post, { preset: "chen2025" }),
    bone2022: () => registerRigid(preContrast, post, { preset: "bone2022" }),
    pinetz2024: () => registerRigid(preContrast, post, { preset: "pinetz2024" }),
  },
  { rounds: 1 },
);
