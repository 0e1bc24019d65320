import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type FileRecord, sha256 } from "gadolinite/report";

/** Name, hash and size of a file. */
export async function recordBytes(name: string, bytes: Uint8Array): Promise<FileRecord> {
  return { name, sha256: await sha256(bytes), byteLength: bytes.byteLength };
}

/** Of a file, or of all files in a folder. */
export async function records(path: string): Promise<readonly FileRecord[]> {
  const record = async (file: string) => recordBytes(basename(file), await readFile(file));
  if (!(await stat(path)).isDirectory()) return [await record(path)];
  const names = (await readdir(path)).sort();
  return Promise.all(names.map((name) => record(join(path, name))));
}
