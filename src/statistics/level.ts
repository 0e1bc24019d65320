import { GadoliniteError } from "../core/errors.js";

/** Throws `out-of-range` unless the level lies above 0 and below 1. */
export function checkLevel(level: number): void {
  if (!(level > 0 && level < 1))
    throw new GadoliniteError("out-of-range", `level must lie above 0 and below 1, as 0.95, but is ${level}.`);
}
