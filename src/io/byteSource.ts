import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";
import { inflateGzip } from "./inflateGzip.js";

/**
 * Inflates gzip, with "deflate" a zlib stream (RFC 1950, which MetaImage uses), or with "deflate-raw" one without header and checksum
 * (RFC 1951, DICOM), one piece after another, so that whoever reads may stop at any size. A damaged stream throws.
 */
export type Inflate = (compressed: Uint8Array, format?: DeflateFormat) => AsyncIterable<Uint8Array>;

export type DeflateFormat = "gzip" | "deflate" | "deflate-raw";

/** The bytes of a file, raw or inflated on the way, read once from front to back. Memory: what is asked for, and one piece. */
export interface ByteSource {
  readonly gzip: boolean;
  /** More bytes than this can't come. */
  readonly maxLength: number;
  /** The next bytes, without consuming them: `count`, or fewer where the file ends before. */
  peek(count: number): Promise<Uint8Array>;
  /** Fills the target. Throws `bad-file` where the file ends before. */
  read(target: Uint8Array): Promise<void>;
  /** Leaves out the next bytes. Throws `bad-file` where the file ends before. */
  skip(count: number): Promise<void>;
  /** Reads on to the end of a gzip stream, where its checksum is, unless that is far. Throws `bad-file` if it does not fit. */
  checkEnd(): Promise<void>;
  /** The bytes not read yet, not copied, if they need no inflating; only once something was peeked at or read. */
  rest(): Uint8Array | undefined;
  close(): Promise<void>;
}

/** How a file is opened. */
export interface ByteSourceOptions {
  readonly inflate?: Inflate | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Deflate can't do better: a run of 258 bytes in two bits.
const MAX_RATIO = 1032;
// Bytes after the voxels that are inflated for the sake of the checksum.
const MAX_TAIL = 1 << 20;

/** Whether bytes begin like gzip. */
export const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Opens bytes for reading; gzip is known by its first two bytes. */
export function openBytes(bytes: Uint8Array, options: ByteSourceOptions): ByteSource {
  checkBytes(bytes);
  return isGzip(bytes) ? openCompressed(bytes, "gzip", options) : openRaw(bytes, options);
}

/** Opens bytes for reading as they are, whatever they look like. */
export const openRaw = (bytes: Uint8Array, { signal }: ByteSourceOptions): ByteSource =>
  openPieces(rawPieces(bytes), { gzip: false, maxLength: bytes.length, signal });

/** Opens a gzip or zlib stream. */
export const openCompressed = (
  bytes: Uint8Array,
  format: "gzip" | "deflate",
  { inflate = inflateGzip, signal }: ByteSourceOptions,
): ByteSource => openPieces(inflate(bytes, format), { gzip: true, maxLength: bytes.length * MAX_RATIO, signal });

/** Throws `out-of-range` for what is no Uint8Array. */
export function checkBytes(bytes: Uint8Array): void {
  if (!ArrayBuffer.isView(bytes))
    throw new GadoliniteError(
      "out-of-range",
      "The bytes of a file are a Uint8Array; wrap an ArrayBuffer: new Uint8Array(buffer).",
    );
}

/** Opens what comes piece by piece. */
export function openPieces(
  iterable: AsyncIterable<Uint8Array>,
  { gzip, maxLength, signal }: Pick<ByteSource, "gzip" | "maxLength"> & Pick<ByteSourceOptions, "signal">,
): ByteSource {
  const pieces = iterable[Symbol.asyncIterator]();
  let piece: Uint8Array = new Uint8Array(0);
  let given = 0;

  /** Takes the next piece; false at the end. */
  const advance = async (): Promise<boolean> => {
    checkNotAborted(signal);
    try {
      const next = await pieces.next();
      piece = next.done ? new Uint8Array(0) : next.value;
      return !next.done;
    } catch (error) {
      if (isGadoliniteError(error)) throw error;
      throw new GadoliniteError(
        "bad-file",
        `The gzip stream is damaged, cut short, or followed by other bytes (${given} bytes came out). Fetch the file again.`,
        { cause: error },
      );
    }
  };

  const take = async (count: number, target?: Uint8Array): Promise<void> => {
    for (let done = 0; done < count; ) {
      if (piece.length === 0) {
        if (await advance()) continue;
        throw new GadoliniteError(
          "bad-file",
          `The file is cut short: it ends ${count - done} bytes too early, after ${given} bytes.`,
        );
      }
      const part = piece.subarray(0, count - done);
      target?.set(part, done);
      piece = piece.subarray(part.length);
      done += part.length;
      given += part.length;
    }
  };

  return {
    gzip,
    maxLength,
    read: (target) => take(target.length, target),
    skip: (count) => take(count),
    async peek(count) {
      while (piece.length < count) {
        const before = piece;
        const more = await advance();
        piece = joined(before, piece);
        if (!more) break;
      }
      return piece.subarray(0, count);
    },
    async checkEnd() {
      if (!gzip) return;
      for (let tail = piece.length; tail < MAX_TAIL && (await advance()); ) tail += piece.length;
    },
    rest: () => (gzip ? undefined : piece),
    async close() {
      await pieces.return?.();
    },
  };
}

async function* rawPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
