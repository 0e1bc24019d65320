import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder of its own for a test file, gone when it is done. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "gadolinite-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
