import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import type { Model } from "../model/model.js";
import type { Backend, LoadOptions, Session } from "./backend.js";

/** A backend that was tried, and why it was passed over. */
export interface Attempt {
  readonly backend: string;
  readonly error: GadoliniteError;
}

/**
 * Loads a model on the first of these backends that can run it, and tells which were passed over.
 *
 * @param model the network
 * @param backends in order of preference; each is tried only if those before it failed
 * @returns the session, and the backends tried before it with their errors (none if the first one took it)
 * @throws `bad-model` if every backend says that the model is at fault, else `no-backend`, with the reason of each;
 *   `out-of-range` if there are no backends; `aborted`
 * @example
 * const { session, tried } = await loadFirst(model, [gpu, cpu()]);
 */
export async function loadFirst(
  model: Model,
  backends: readonly Backend[],
  options?: LoadOptions,
): Promise<{ readonly session: Session; readonly tried: readonly Attempt[] }> {
  if (backends.length === 0) throw new GadoliniteError("out-of-range", "Name at least one backend, e.g. [cpu()].");
  const tried: Attempt[] = [];
  for (const backend of backends) {
    try {
      return { session: await backend.load(model, options), tried };
    } catch (error) {
      if (!isGadoliniteError(error) || error.code === "aborted") throw error;
      tried.push({ backend: backend.name, error });
    }
  }
  const code = tried.every(({ error }) => error.code === "bad-model") ? "bad-model" : "no-backend";
  const reasons = tried.map(({ backend, error }) => `${backend}: ${error.message}`).join("\n");
  throw new GadoliniteError(code, `No backend could load the model.\n${reasons}`, { cause: tried.map(({ error }) => error) });
}
