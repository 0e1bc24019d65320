import { composeAffine } from "../../src/geometry/affine.js";
import { createPhantom } from "../../src/phantom/createPhantom.js";
import { registerRigid } from "../../src/registration/registerRigid.js";

/** What the test reads: a motion that was found in a page, and what became of the calls that must fail. */
async function outcome() {
  const { preContrast, postContrast } = await createPhantom({ seed: 3, shape: [40, 48, 40] });
  const shift = Float64Array.of(1, 0, 0, 4, 0, 1, 0, -3, 0, 0, 1, 2, 0, 0, 0, 1);
  const { data, grid } = postContrast[0]!.volume;
  const moved = { grid: { shape: grid.shape, affine: composeAffine(shift, grid.affine) }, data };
  const quick = { MaximumNumberOfIterations: ["100"], NumberOfSpatialSamples: ["1000"] };
  const assetsUrl = "/plain/elastix";
  const found = await registerRigid(preContrast, moved, { assetsUrl, preset: "chen2025", parameters: quick });
  const failure = (options: object) =>
    registerRigid(preContrast, moved, options).then(
      () => "none",
      ({ code, message }: { code?: string; message: string }) => `${code}: ${message}`,
    );
  const controller = new AbortController();
  const onProgress = () => setTimeout(() => controller.abort(), 300);
  return {
    transform: [...found.transform],
    fromHere: (performance.getEntriesByType("resource") as PerformanceEntry[]).map(({ name }) => new URL(name).origin),
    withoutAssets: await failure({}),
    wrongAssets: await failure({ assetsUrl: "/plain/nowhere" }),
    aborted: await failure({ assetsUrl, signal: controller.signal, onProgress }),
  };
}

Object.assign(globalThis, { outcome: outcome() });
