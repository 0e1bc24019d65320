import { mkdir, readFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { GadoliniteError } from "../core/errors.js";
import type { WritableZarrStore, ZarrKey } from "../io/zarr/zarrStore.js";
import { reasonOf } from "./readFileBytes.js";
import { writeFileAtomic } from "./writeFileAtomic.js";

/**
 * A folder as a store of Zarr: each key is a file, which appears whole or not at all. For `openOmeZarr` and `writeOmeZarr`, and for zarrita itself.
 *
 * @param path the folder; it is made when something is written
 * @throws nothing yet; its functions reject with `bad-file` if a file can't be read or written, or a key leads out of the folder
 * @example
 * const image = await openOmeZarr(zarrFolder("head.ome.zarr"));
 */
export function zarrFolder(path: string): WritableZarrStore {
  const fileOf = (key: ZarrKey) => {
    const file = join(path, key);
    if (!file.startsWith(join(path, sep)))
      throw new GadoliniteError("bad-file", `The key ${JSON.stringify(key.slice(0, 80))} leads out of the folder.`);
    return file;
  };
  return {
    async get(key, { signal } = {}) {
      const file = fileOf(key);
      try {
        const bytes = await readFile(file, signal ? { signal } : {});
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } catch (cause) {
        const { code, name } = cause as NodeJS.ErrnoException;
        // What is not there is a chunk of nothing but the fill value.
        if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
        if (name === "AbortError") throw cause;
        throw new GadoliniteError("bad-file", `${file} can't be read: ${reasonOf(cause)}.`, { cause });
      }
    },
    async set(key, value) {
      const file = fileOf(key);
      await mkdir(dirname(file), { recursive: true });
      await writeFileAtomic(file, value);
    },
  };
}
