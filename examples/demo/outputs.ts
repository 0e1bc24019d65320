import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GadoliniteError, type Volume } from "gadolinite";
import { saveVolume, writeFileAtomic } from "gadolinite/node";
import { type FileRecord, sha256 } from "gadolinite/report";

/** The record that is written last: a folder that has it is whole. */
export const RECORD = "provenance.json";

/** A folder of results that appears whole or not at all: files go into a folder beside it, which is renamed at the end. */
export interface Outputs {
  writeText(name: string, text: string): Promise<void>;
  writeBytes(name: string, bytes: Uint8Array): Promise<void>;
  /** Queues a volume; volumes are compressed one after another while other work goes on. */
  queueVolume(name: string, make: () => Volume): void;
  /** Waits for the queue. */
  settle(): Promise<void>;
  /** What has been written so far. */
  records(): Promise<readonly FileRecord[]>;
  /** Puts the results in place. */
  commit(): Promise<void>;
  /** Removes everything that was written. */
  discard(): Promise<void>;
}

/** @throws `bad-file` if `path` is a file, or a folder with something else in it than results of an earlier run */
export async function createOutputs(path: string): Promise<Outputs> {
  const target = resolve(path);
  await checkReplaceable(target, path);
  await mkdir(dirname(target), { recursive: true });
  const stage = await mkdtemp(join(dirname(target), `.${basename(target)}.partial-`));
  let queue: Promise<void> = Promise.resolve();
  let failure: unknown;
  return {
    writeText: (name, text) => writeFileAtomic(join(stage, name), text),
    writeBytes: (name, bytes) => writeFileAtomic(join(stage, name), bytes),
    queueVolume(name, make) {
      queue = queue
        .then(() => (failure ? undefined : saveVolume(join(stage, name), make(), { gzipLevel: 1 })))
        .catch((error: unknown) => {
          failure ??= error;
        });
    },
    async settle() {
      await queue;
      if (failure) throw failure;
    },
    async records() {
      const names = (await readdir(stage)).sort();
      return Promise.all(
        names.map(async (name) => {
          const bytes = await readFile(join(stage, name));
          return { name, sha256: await sha256(bytes), byteLength: bytes.byteLength };
        }),
      );
    },
    async commit() {
      // An earlier run's results make place only now, when everything new is on the disk.
      await rm(target, { recursive: true, force: true });
      // mkdtemp makes a folder for its owner alone; results are as readable as the user's other files.
      await chmod(stage, 0o777 & ~process.umask());
      await rename(stage, target);
    },
    async discard() {
      await queue;
      await rm(stage, { recursive: true, force: true });
    },
  };
}

async function checkReplaceable(target: string, shown: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (!found) return;
  if (!found.isDirectory()) throw new GadoliniteError("bad-file", `--out ${shown} is a file. Give a folder.`);
  const names = await readdir(target);
  if (names.length > 0 && !names.includes(RECORD))
    throw new GadoliniteError(
      "bad-file",
      `--out ${shown} holds other things than results of this demo (no ${RECORD}). Give another folder.`,
    );
}
