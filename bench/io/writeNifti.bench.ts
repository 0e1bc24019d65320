import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNifti } from "../../src/io/index.js";
import { saveVolume } from "../../src/node/index.js";
import { compareWithPython } from "../support/compare.js";
import { brainSizedVolume } from "../support/inputs.js";

// Goal: writing costs what compressing costs.
const folder = mkdtempSync(join(tmpdir(), "gadolinite-"));
const at = (name: string) => join(folder, name);
try {
  const volume = brainSizedVolume();
  await saveVolume(at("in.nii"), volume);
  await compareWithPython(
    "write float32 240×240×155",
    {
      "saveVolume .nii.gz": () => saveVolume(at("a.nii.gz"), volume),
      "saveVolume .nii.gz, level 6": () => saveVolume(at("b.nii.gz"), volume, { gzipLevel: 6 }),
      "saveVolume .nii.gz, int16": () => saveVolume(at("c.nii.gz"), volume, { dtype: "int16" }),
      "writeNifti, no gzip": () => writeNifti(volume),
      "writeNifti to int16, no gzip": () => writeNifti(volume, { dtype: "int16" }),
    },
    `
import json, time
import nibabel as nib, numpy as np
image = nib.load(${JSON.stringify(at("in.nii"))})
image = nib.Nifti1Image(np.asarray(image.dataobj), image.affine)
times = []
for _ in range(6):
    start = time.perf_counter()
    nib.save(image, ${JSON.stringify(at("d.nii.gz"))})
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"nibabel .nii.gz (its level, 1)": sorted(times[1:])[2]}))
`,
    { rounds: 3 },
  );
  for (const name of ["a", "b", "c", "d"]) console.log(`  ${name}.nii.gz ${statSync(at(`${name}.nii.gz`)).size} bytes`);
} finally {
  rmSync(folder, { recursive: true });
}
