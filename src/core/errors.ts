/** Every way in which gadolinite refuses. The table is closed: a new reason is a change of the contract. */
export type ErrorCode =
  | "grid-mismatch"
  | "out-of-range"
  | "empty-mask"
  | "bad-file"
  | "unsupported"
  | "no-backend"
  | "bad-model"
  | "not-prepared"
  | "not-converged"
  | "aborted";

/**
 * The one error class. `code` says which kind of problem it is, `message` what was expected, what came and what to do.
 *
 * Two copies of the library may be loaded side by side (ESM and CommonJS), so test with {@link isGadoliniteError},
 * never with `instanceof`.
 */
export class GadoliniteError<Code extends ErrorCode = ErrorCode> extends Error {
  /** Brand shared by every loaded copy of the library. */
  readonly gadolinite = true;
  readonly code: Code;

  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "GadoliniteError";
    this.code = code;
  }
}

/**
 * Tells whether a caught value is a {@link GadoliniteError}, and of the given code if one is given.
 *
 * @example
 * try {
 *   simulateDose(pre, post, { dose: 2 });
 * } catch (error) {
 *   if (!isGadoliniteError(error, "out-of-range")) throw error;
 * }
 */
export function isGadoliniteError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is GadoliniteError<Code> {
  return (
    error instanceof Error &&
    (error as Partial<GadoliniteError>).gadolinite === true &&
    (code === undefined || (error as GadoliniteError).code === code)
  );
}
