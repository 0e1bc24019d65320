import { createGunzip, createInflate, createInflateRaw } from "node:zlib";
import type { Inflate } from "../io/byteSource.js";

const STREAMS = { gzip: createGunzip, deflate: createInflate, "deflate-raw": createInflateRaw };

/** Inflates gzip, all its members, or a zlib or raw stream, with zlib on Node's thread pool, a megabyte at a time. */
export const inflateWithZlib: Inflate = async function* (compressed, format = "gzip") {
  // Made when the first piece is asked for: a stream that nobody reads would throw its errors at the process.
  const stream = STREAMS[format]({ chunkSize: 1 << 20 });
  stream.end(compressed);
  yield* stream;
};
