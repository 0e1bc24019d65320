import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Real scans and sample files lie beside the project, where they are at all; they are never copied into it.
const folder = fileURLToPath(new URL("../../../shared/data/", import.meta.url));

/** Path of a file or folder of the shared data. */
export const dataPath = (...parts: readonly string[]): string => join(folder, ...parts);

/** Whether the shared data are there; tests that need them say `test.skipIf(!hasData)`. */
export const hasData: boolean = existsSync(folder);
