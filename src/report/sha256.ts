import { GadoliniteError } from "../core/errors.js";

/**
 * The SHA-256 of a file's bytes, as 64 hexadecimal digits: the name by which provenance calls a file.
 *
 * Uses the platform's Web Crypto, which browsers offer to pages that were loaded over https or from localhost.
 *
 * @throws `unsupported` where there is no Web Crypto
 * @see FIPS 180-4, "Secure Hash Standard"
 * @example
 * await sha256(new Uint8Array(0)); // "e3b0c44298fc1c149afbf4c8996fb924…"
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle)
    throw new GadoliniteError(
      "unsupported",
      "SHA-256 needs the platform's Web Crypto, which is not there. In a browser, load the page over https or from localhost.",
    );
  // Web Crypto takes no shared memory: copy what lies there.
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
  const digest = new Uint8Array(await subtle.digest("SHA-256", own));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
