import { randomUUID } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";
import { reasonOf } from "./readFileBytes.js";

export interface WriteFileAtomicOptions {
  /** Cancels before the file is in place; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/**
 * Writes a file so that at any moment, a power cut included, its path holds the whole old content or the whole new one: the bytes are
 * written beside it, flushed to the disk, and renamed into place. A symbolic link is followed, not replaced.
 *
 * @throws `bad-file` if it can't be written; what was there before is still there, and nothing beside it. `aborted`
 * @example
 * await writeFileAtomic("results/table.csv", toCsv(table));
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  { signal }: WriteFileAtomicOptions = {},
): Promise<void> {
  checkNotAborted(signal);
  const target = await realpath(path).catch(() => path);
  const partial = join(dirname(target), `.${basename(target)}.${randomUUID()}.partial`);
  let created = false;
  try {
    const file = await open(partial, "wx");
    created = true;
    await fill(file, content);
    checkNotAborted(signal);
    await rename(partial, target);
    await flushFolder(dirname(target));
  } catch (error) {
    if (created) await rm(partial, { force: true }).catch(() => {});
    checkNotAborted(signal);
    throw new GadoliniteError("bad-file", `${path} can't be written: ${reasonOf(error)}.`, { cause: error });
  }
}

async function fill(file: FileHandle, content: Uint8Array | string): Promise<void> {
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename last, where folders can be flushed (not on Windows). */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
