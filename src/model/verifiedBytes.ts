import { GadoliniteError } from "../core/errors.js";
import { sha256 as sha256Of } from "../internal/sha256.js";

/**
 * The bytes, once their SHA-256 is known to be the expected one.
 *
 * @param bytes a whole file
 * @param sha256 64 hexadecimal digits
 * @returns the same bytes
 * @throws `bad-model` if it is another file; `out-of-range` if `sha256` is no such text; `unsupported` where the platform has no Web Crypto (a
 *   page without HTTPS)
 * @example
 * const graph = decodeGraph(bytes, { externalData: { "weights.bin": await verifiedBytes(weights, sha256) } });
 */
export async function verifiedBytes(bytes: Uint8Array, sha256: string): Promise<Uint8Array> {
  if (!/^[0-9a-f]{64}$/i.test(sha256))
    throw new GadoliniteError("out-of-range", `sha256 must be 64 hexadecimal digits, but is "${sha256.slice(0, 80)}".`);
  const found = await sha256Of(bytes);
  if (found !== sha256.toLowerCase())
    throw new GadoliniteError(
      "bad-model",
      `The file's SHA-256 is ${found}, but ${sha256} is expected. It was changed, or is another file.`,
    );
  return bytes;
}
