import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseOptions } from "../../examples/demo/options.js";
import { runDemo } from "../../examples/demo/runDemo.js";
import { sameGrid } from "../../src/index.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { dataPath, hasData } from "../support/data.js";

const folder = mkdtempSync(join(tmpdir(), "gadolinite-demo-register-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(!hasData)("a raw pair, oblique, with thick slices and not stripped, comes back in the space of its T1", async () => {
  const scan = (name: string) => dataPath("pairs", "TCGA-FG-6692_raw", name);
  const template = (name: string) => dataPath("templates", name);
  const out = join(folder, "out");
  const said: string[] = [];
  await runDemo(
    parseOptions([
      ...[scan("t1.nii.gz"), scan("t1ce.nii.gz"), "--register", "--dose", "0.33", "--out", out],
      ...["--atlas", template("mni152_fsl_t1_head_1mm.nii.gz")],
      ...["--atlas-mask", template("mni152_fsl_brainmask_1mm.nii.gz")],
    ]),
    { signal: new AbortController().signal, onProgress: () => {}, say: (line) => said.push(line) },
  );
  const t1 = await loadVolume(scan("t1.nii.gz"));
  for (const name of ["low_dose-0.33.nii.gz", "restored_dose-0.33_linear.nii.gz"])
    expect(sameGrid((await loadVolume(join(out, name))).grid, t1.grid)).toBe(true);
  const { details } = JSON.parse(readFileSync(join(out, "provenance.json"), "utf8"));
  for (const { mutualInformation, transform, warnings } of [details.registrations.postContrast, details.registrations.atlas]) {
    expect(mutualInformation.after).toBeGreaterThan(1.3 * mutualInformation.before);
    expect(transform.length).toBe(16);
    expect(warnings).toEqual([]);
  }
  expect(said.join("\n")).toMatch(/registered to the pre-contrast scan[\s\S]*that of the atlas/);
});
