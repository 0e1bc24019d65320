import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { createGrid, createMask, createVolume } from "../../src/index.js";
import { patchSamples } from "../../src/training/samples/patchSamples.js";
import { prefetchSamples } from "../../src/training/samples/prefetchSamples.js";
import { restorationSamples } from "../../src/training/samples/restorationSamples.js";

// The thread starts from source, which it can't read by itself.
const fromSource = { execArgv: ["--import", resolve("test/backend/fromSource.mjs")] };

describe("prefetchSamples", () => {
  test("gives the same samples as without a thread, in any order", async () => {
    const options = { seed: 5, patch: [10, 9, 8], batch: 2 } as const;
    const samples = restorationSamples(options);
    const { batches, close } = await prefetchSamples({ kind: "procedural", options }, { ...fromSource, ahead: 1, end: 5 });
    for (const step of [0, 1, 2, 4, 3, 3]) expect(await batches(step)).toEqual(samples(step));
    await close();
    await expect(batches(9)).rejects.toMatchObject({ code: "no-backend" });
  });

  test("gives patches of pairs", async () => {
    const grid = createGrid({ shape: [6, 6, 6] });
    const pre = createVolume(
      Float32Array.from({ length: 216 }, (_, v) => 1 + v),
      grid,
    );
    const pair = { pre, post: pre, brain: createMask(new Uint8Array(216).fill(1), grid), sigma: 0.1 };
    const options = { seed: 1, patch: [4, 4, 4], batch: 1 } as const;
    const { batches, close } = await prefetchSamples({ kind: "patches", pairs: [pair], options }, fromSource);
    expect(await batches(3)).toEqual(patchSamples([pair], options)(3));
    await close();
  });

  test("tells what is wrong", async () => {
    await expect(prefetchSamples({ kind: "procedural", options: { seed: 1, batch: 0 } }, fromSource)).rejects.toMatchObject({
      code: "out-of-range",
    });
    const { batches, close } = await prefetchSamples({ kind: "procedural", options: { seed: 1 } }, fromSource);
    await expect(batches(-1)).rejects.toMatchObject({ code: "out-of-range" });
    await close();
  });
});
