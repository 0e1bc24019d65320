import { GadoliniteError } from "../core/errors.js";

/** SHA-256 as 64 hexadecimal digits in lower case. Throws `unsupported` where the platform has no Web Crypto. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle)
    throw new GadoliniteError("unsupported", "SHA-256 needs Web Crypto, which a page has only over HTTPS or on localhost.");
  // Web Crypto takes no view of shared memory, so it gets a copy of one.
  const plain = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
  const digest = new Uint8Array(await subtle.digest("SHA-256", plain));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
