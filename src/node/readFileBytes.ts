import { type FileHandle, open } from "node:fs/promises";
import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";

// What Node reads at once.
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Reads a file whole. Throws `bad-file` if it can't be read or is called .gz and is not gzip, `unsupported` if larger than 2 GiB, `aborted`. */
export async function readFileBytes(path: string | URL, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
  checkNotAborted(signal);
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const status = await file.stat();
    if (!status.isFile())
      throw new GadoliniteError(
        "bad-file",
        `${path} is ${status.isDirectory() ? "a folder" : "no regular file"}; a file is needed.`,
      );
    if (status.size > MAX_FILE_BYTES)
      throw new GadoliniteError(
        "unsupported",
        `${path} has ${status.size} bytes; files of up to 2 GiB are read. Split it, or compress it.`,
      );
    const bytes = await readAll(file, status.size, signal);
    if (/\.gz$/i.test(String(path)) && !(bytes[0] === 0x1f && bytes[1] === 0x8b))
      throw new GadoliniteError(
        "bad-file",
        `${path} is called .gz, but its content is not gzip. It is damaged, or wants another name.`,
      );
    return bytes;
  } catch (error) {
    checkNotAborted(signal);
    if (isGadoliniteError(error)) throw error;
    throw new GadoliniteError("bad-file", `${path} can't be read: ${reasonOf(error)}.`, { cause: error });
  } finally {
    await file?.close();
  }
}

/** In one piece, where `readFile` takes half a megabyte at a time. */
async function readAll(file: FileHandle, size: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const { bytesRead } = await file.read(bytes, done, size - done);
    checkNotAborted(signal);
    // The file became shorter meanwhile.
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "part of the path is a file, not a folder",
  EISDIR: "it is a folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
};

/** Why the file system refused, in words. */
export function reasonOf(error: unknown): string {
  const { code = "", message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  return REASONS[code] ?? message;
}
