/** Compresses bytes into gzip, or with "deflate" into a zlib stream. */
export type Compress = (bytes: Uint8Array<ArrayBuffer>, format?: "gzip" | "deflate") => Promise<Uint8Array<ArrayBuffer>>;

/** Compresses with the platform's `CompressionStream`. */
export const gzipBytes: Compress = async (bytes, format = "gzip") => {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  const parts: BlobPart[] = [];
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value as Uint8Array<ArrayBuffer>);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
};
