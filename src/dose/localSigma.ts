import { GadoliniteError } from "../core/errors.js";
import type { Grid } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { checkSameGrid } from "../internal/check.js";

/** Throws `grid-mismatch` or, for a voxel that is negative, NaN or infinite, `out-of-range`. */
export function checkLocalSigma(sigma: Volume, grid: Grid): void {
  checkSameGrid(grid, sigma.grid);
  const bad = sigma.data.findIndex((s) => !(s >= 0 && s < Infinity));
  if (bad >= 0)
    throw new GadoliniteError(
      "out-of-range",
      `A volume of sigma must be finite and not negative, but is ${sigma.data[bad]} at index ${bad}.`,
    );
}
