import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as peer from "nifti-reader-js";
import { readVolume } from "../../src/io/index.js";
import { loadVolume, saveVolume } from "../../src/node/index.js";
import { compareWithPython } from "../support/compare.js";
import { brainSizedVolume } from "../support/inputs.js";

// Goal: a 240×240×155 .nii.gz becomes float32 no slower than nibabel makes it.
const folder = mkdtempSync(join(tmpdir(), "gadolinite-"));
const scan = fileURLToPath(new URL("../../../shared/data/pairs/BraTS-GLI-00000/t1.nii.gz", import.meta.url));

async function bench(title: string, path: string): Promise<void> {
  await compareWithPython(
    title,
    {
      "loadVolume (zlib)": () => loadVolume(path),
      "readVolume (DecompressionStream)": () => readVolume(readFileSync(path)),
      "nifti-reader-js (no scaling)": () => {
        const bytes = readFileSync(path);
        const own = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
        const raw = (peer.isCompressed(own) ? peer.decompress(own) : own) as ArrayBuffer;
        const image = peer.readImage(peer.readHeader(raw), raw);
        return Float32Array.from(path.includes("float") ? new Float32Array(image) : new Int16Array(image));
      },
    },
    `
import json, time
import nibabel as nib, numpy as np
times = []
for _ in range(8):
    start = time.perf_counter()
    np.asarray(nib.load(${JSON.stringify(path)}).dataobj, dtype=np.float32)
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"nibabel": sorted(times[1:])[3]}))
`,
  );
}

try {
  const volume = brainSizedVolume();
  await saveVolume(join(folder, "int16.nii.gz"), volume, { dtype: "int16" });
  await saveVolume(join(folder, "float.nii.gz"), volume);
  await saveVolume(join(folder, "scaled.nii.gz"), volume, { dtype: "int16", slope: 0.03 });
  await saveVolume(join(folder, "int16.nii"), volume, { dtype: "int16" });
  if (existsSync(scan)) await bench("read a real T1, int16 .nii.gz, to float32, 240×240×155", scan);
  for (const name of ["int16.nii.gz", "scaled.nii.gz", "float.nii.gz", "int16.nii"])
    await bench(`read ${name} to float32, 240×240×155`, join(folder, name));
} finally {
  rmSync(folder, { recursive: true });
}
