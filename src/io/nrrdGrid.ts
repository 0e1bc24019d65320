import { GadoliniteError } from "../core/errors.js";
import type { Grid } from "../core/grid.js";
import { gridOf } from "./announced.js";
import { affineOfSteps, LPS, type Signs } from "./lpsAffine.js";
import { type NrrdHeader, perAxis } from "./nrrdHeader.js";

/** The anatomical spaces. */
export const SIGNS: Readonly<Record<string, Signs>> = {
  "right-anterior-superior": [1, 1, 1],
  "left-anterior-superior": [-1, 1, 1],
  "left-posterior-superior": LPS,
};

const MM_PER_UNIT: Readonly<Record<string, number>> = { m: 1000, cm: 10, um: 0.001, µm: 0.001, μm: 0.001, microns: 0.001 };

/** Where the voxels are, and the sizes of the axes that are not of space. */
export interface NrrdGrid {
  readonly grid: Grid;
  readonly more: readonly number[];
}

/**
 * The grid of a NRRD header in RAS+ mm: sizes and space directions of the axes of space, and the space origin. Spaces that are not
 * anatomical (scanner-xyz, 3D-right-handed, none) count as LPS, as ITK takes them; without directions the axes run along the space's, with
 * `spacings`, and begin at the origin or at `axis mins`.
 *
 * @throws `bad-file` if that makes no grid, `unsupported` if an axis with several values lies before one of space
 */
export function nrrdGrid(header: NrrdHeader): NrrdGrid {
  const { dims, space = "", spaceOrigin } = header;
  const axes = spatialAxes(header);
  const first = axes[0];
  if (first === undefined || axes.length > 3)
    throw new GadoliniteError("bad-file", `The header has ${axes.length} axes of space; an image has one to three.`);
  const last = axes[axes.length - 1]!;
  const others = dims.map((size, axis) => ({ size, axis })).filter(({ axis }) => !axes.includes(axis));
  const inner = others.find(({ size, axis }) => size > 1 && axis < last);
  if (inner)
    throw new GadoliniteError(
      "unsupported",
      `Axis ${inner.axis} of ${dims.join("×")} holds ${inner.size} values (colours, vectors) for each voxel; a volume has one. Split the file.`,
    );
  const { steps, origin } = header.spaceDirections
    ? { steps: axes.map((axis) => spaceStep(header, axis)), origin: spaceOrigin ?? [] }
    : stepsOfSpacings(header, axes);
  const affine = affineOfSteps(steps, origin, SIGNS[space.replace(/-time$/, "")] ?? LPS);
  const units = unitsOf(header);
  for (let n = 0; n < 12; n++) affine[n]! *= units[n >> 2]!;
  return {
    grid: gridOf(
      [0, 1, 2].map((n) => (axes[n] === undefined ? 1 : dims[axes[n]]!)),
      affine,
    ),
    more: others.filter(({ axis }) => axis > last).map(({ size }) => size),
  };
}

/** Those with a direction in space; without directions those of kind domain or space; without kinds the first three. */
function spatialAxes({ dims, fields, space, spaceDirections }: NrrdHeader): readonly number[] {
  const all = dims.map((_, axis) => axis);
  if (spaceDirections) return all.filter((axis) => spaceDirections[axis] && !isTime(space, spaceDirections[axis]));
  const kinds = fields["kinds"]?.trim().toLowerCase().split(/\s+/);
  if (kinds && kinds.length !== dims.length)
    throw new GadoliniteError("bad-file", `The header has ${kinds.length} kinds for ${dims.length} axes.`);
  const spatial = kinds ? all.filter((axis) => ["domain", "space"].includes(kinds[axis]!)) : [];
  return (spatial.length > 0 ? spatial : all).slice(0, 3);
}

const isTime = (space: string | undefined, vector: readonly number[]) =>
  space?.endsWith("-time") && vector.slice(0, 3).every((v) => v === 0) && vector[3] !== 0;

function spaceStep({ spaceDirections, spaceDimension }: NrrdHeader, axis: number): readonly number[] {
  const vector = spaceDirections![axis]!;
  if (spaceDimension === 4 && vector[3] !== 0)
    throw new GadoliniteError("unsupported", `Axis ${axis} runs through space and time at once; a volume is of one time.`);
  return vector.slice(0, 3);
}

function stepsOfSpacings(header: NrrdHeader, axes: readonly number[]) {
  const spacings = perAxis(header, "spacings");
  const mins = perAxis(header, "axis mins");
  const centerings = header.fields["centerings"]?.toLowerCase().split(/\s+/);
  // NaN says that nothing is known.
  const sizes = axes.map((axis) => (spacings && !Number.isNaN(spacings[axis]) ? spacings[axis]! : 1));
  const known = mins !== undefined && axes.every((axis) => !Number.isNaN(mins[axis]));
  const origin = axes.map((axis, n) => (mins?.[axis] ?? 0) + (centerings?.[axis] === "node" ? 0 : sizes[n]! / 2));
  return {
    steps: sizes.map((size, n) => [0, 1, 2].map((row) => (row === n ? size : 0))),
    origin: header.spaceOrigin?.slice(0, 3) ?? (known ? origin : []),
  };
}

/** Millimetres per unit along x, y, z of the space; a unit that is not known counts as mm. */
function unitsOf({ fields }: NrrdHeader): readonly number[] {
  const units = [...(fields["space units"] ?? "").matchAll(/"([^"]*)"/g)].map(([, unit]) => MM_PER_UNIT[unit!.toLowerCase()]);
  return [0, 1, 2].map((n) => units[n] ?? 1);
}
