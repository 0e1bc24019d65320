import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDicomSeries } from "../../src/io/index.js";
import { loadDicomSeries } from "../../src/node/index.js";
import { dicomFile, mrSlice } from "../../test/io/dicomFiles.js";
import { compareWithPython } from "../support/compare.js";

// Goal: 120 slices of 512×512, not compressed, in no more than 1.5 times what pydicom takes.
const SLICES = 120;
const SIZE = 512;
const root = mkdtempSync(join(tmpdir(), "gadolinite-"));

/** A series with a slope in each slice, or none. */
function series(name: string, scaled: boolean): string {
  const path = join(root, name);
  mkdirSync(path);
  for (let k = 0; k < SLICES; k++) {
    const pixels = Int16Array.from({ length: SIZE * SIZE }, (_, n) => 1000 + 900 * Math.sin(n / 977 + k));
    const change = { Rows: [SIZE], Columns: [SIZE], PixelData: new Uint8Array(pixels.buffer) };
    const slope = scaled ? { RescaleSlope: "0.37", RescaleIntercept: "-4" } : {};
    writeFileSync(join(path, `${k}.dcm`), dicomFile(mrSlice({ k, ...change, ...slope })));
  }
  return path;
}

try {
  for (const scaled of [false, true]) {
    const path = series(`${scaled}`, scaled);
    await compareWithPython(
      `read ${SLICES} slices of ${SIZE}×${SIZE}, int16${scaled ? ", rescaled" : ""}, to float32`,
      {
        loadDicomSeries: () => loadDicomSeries(path),
        "readFileSync and readDicomSeries": () =>
          readDicomSeries(readdirSync(path).map((name) => ({ name, bytes: readFileSync(join(path, name)) }))),
      },
      `
import glob, json, time
import numpy as np, pydicom
times = []
for _ in range(6):
    start = time.perf_counter()
    files = [pydicom.dcmread(f) for f in glob.glob(${JSON.stringify(path)} + "/*.dcm")]
    files.sort(key=lambda d: d.ImagePositionPatient[2])
    out = np.empty((len(files), files[0].Rows, files[0].Columns), np.float32)
    for k, d in enumerate(files):
        out[k] = d.pixel_array * float(d.get("RescaleSlope", 1)) + float(d.get("RescaleIntercept", 0)) if "RescaleSlope" in d else d.pixel_array
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"pydicom": sorted(times[1:])[2]}))
`,
      { rounds: 5 },
    );
  }
} finally {
  rmSync(root, { recursive: true });
}
