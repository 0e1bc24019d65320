import { createGunzip, createInflate } from "node:zlib";
import type { Inflate } from "../io/byteSource.js";

/** Inflates gzip, all its members, or a zlib stream, with zlib on Node's thread pool, a megabyte at a time. */
export const inflateWithZlib: Inflate = async function* (compressed, format = "gzip") {
  // Made when the first piece is asked for: a stream that nobody reads would throw its errors at the process.
  const stream = (format === "gzip" ? createGunzip : createInflate)({ chunkSize: 1 << 20 });
  stream.end(compressed);
  yield* stream;
};
