import { GadoliniteError } from "../core/errors.js";
import { type Grid, spacingMm } from "../core/grid.js";

/** Throws `unsupported` if two axes of the grid are off a right angle by more than 0.001 (cosine): mm along the axes don't add up then. */
export function checkOrthogonal(grid: Grid): void {
  const { affine } = grid;
  const spacing = spacingMm(grid);
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const dot = affine[a]! * affine[b]! + affine[4 + a]! * affine[4 + b]! + affine[8 + a]! * affine[8 + b]!;
    const cosine = dot / (spacing[a]! * spacing[b]!);
    if (Math.abs(cosine) > 1e-3)
      throw new GadoliniteError(
        "unsupported",
        `Distances in mm need a grid with axes at right angles, but axes ${"ijk"[a]} and ${"ijk"[b]} have a cosine of ${cosine.toPrecision(3)}. Resample onto an unsheared grid first.`,
      );
  }
}
