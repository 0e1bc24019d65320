import type { DeflateFormat } from "./byteSource.js";

// Bytes handed to the platform at once: they come out as at most a thousand times as many, which is what a stream may hold.
const STEP = 1 << 14;
// Borders of members that turn out to be none, and members that hold next to nothing, are forgiven up to here.
const MAX_WRONG_BORDERS = 3;
const MAX_TINY_MEMBERS = 100;

/**
 * Inflates gzip with the platform's `DecompressionStream`, all members of it (RFC 1952 allows several; `bgzip` and `cat a.gz b.gz`
 * make them).
 *
 * Some platforms take one member and call what follows junk, without a word on where the member ended. Then each place that
 * looks like the header of a member is tried as a border: if it is one by chance, the member before does not end there, which its
 * checksum tells, and it is read again up to the next such place. A zlib or raw stream has one member.
 */
export async function* inflateGzip(bytes: Uint8Array, format: DeflateFormat = "gzip"): AsyncGenerator<Uint8Array> {
  if (format !== "gzip") return yield* inflateMember(bytes, 0, bytes.length, format);
  let split = false;
  let wrongBorders = 0;
  let total = 0;
  for (let start = 0, end = bytes.length, members = 1; start < bytes.length; members++) {
    if (split && members > MAX_TINY_MEMBERS + total / 1024) throw new Error("The gzip stream has too many members of no size.");
    for (let given = 0, whole = false; !whole; ) {
      let seen = 0;
      try {
        for await (const piece of inflateMember(bytes, start, end)) {
          seen += piece.length;
          if (seen <= given) continue;
          const fresh = piece.subarray(piece.length - (seen - given));
          given = seen;
          total += fresh.length;
          yield fresh;
        }
        whole = true;
      } catch (error) {
        if (split && (end === bytes.length || ++wrongBorders > MAX_WRONG_BORDERS)) throw error;
        end = nextMember(bytes, split ? end : start);
        if (!split && end === bytes.length) throw error;
        split = true;
      }
    }
    start = end;
    end = nextMember(bytes, start);
  }
}

/** Where the next gzip member may start: magic, method deflate, no reserved flag, a usual level and system. */
function nextMember(bytes: Uint8Array, after: number): number {
  for (let at = bytes.indexOf(0x1f, after + 1); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
    const level = bytes[at + 8]!;
    const system = bytes[at + 9]!;
    if (bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8 || bytes[at + 3]! >= 32) continue;
    if ((level === 0 || level === 2 || level === 4) && (system <= 13 || system === 255)) return at;
  }
  return bytes.length;
}

async function* inflateMember(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: DeflateFormat = "gzip",
): AsyncGenerator<Uint8Array> {
  let at = start;
  const compressed = new ReadableStream<BufferSource>(
    {
      pull(controller) {
        if (at >= end) return controller.close();
        const next = Math.min(end, at + STEP);
        // A copy, because shared memory is refused here.
        controller.enqueue(bytes.slice(at, next));
        at = next;
      },
    },
    { highWaterMark: 0 },
  );
  const reader = compressed.pipeThrough(new DecompressionStream(format)).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
