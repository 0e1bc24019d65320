import { GadoliniteError } from "../../core/errors.js";
import type { Grid, Vec3 } from "../../core/grid.js";
import { gridOf } from "../announced.js";
import { affineOfSteps, LPS } from "../lpsAffine.js";
import type { Frame } from "./frames.js";

/** Frames in order, and the grid that they fill. */
export interface Stack {
  readonly frames: readonly Frame[];
  readonly grid: Grid;
}

// How far a slice may lie from its even place, in slice distances: headers round positions to a tenth of a millimetre at worst.
const UNEVEN = 0.05;
// Slices nearer than this are the same, in mm.
const SAME_PLACE = 0.01;
// Unit vectors that differ by less are equal.
const SAME_DIRECTION = 1e-3;

/**
 * Sorts frames along their normal into one stack, or several that repeat the same places (a dynamic series, echoes).
 *
 * @param size rows and columns of all frames
 * @returns one stack a volume. The first frame at each place, by the scanner's numbers, belongs to the first, and so on.
 * @throws `bad-file`, naming a file, for gaps, places that are not all repeated alike, slices that differ in direction or spacing;
 *   `unsupported` for slices that are sheared against each other, as with a tilted gantry
 */
export function stackFrames(
  frames: readonly Frame[],
  size: { readonly rows: number; readonly columns: number },
): readonly Stack[] {
  const [first] = frames as readonly [Frame];
  for (const frame of frames) checkAlike(first, frame);
  const normal = cross(first.alongRow, first.downColumn);
  const height = (frame: Frame) => dot(frame.position, normal);
  const sorted = frames
    .map((frame, order) => ({ frame, order, at: height(frame) }))
    .sort((a, b) => a.at - b.at || a.order - b.order);
  const places: Frame[][] = [];
  let last = -Infinity;
  for (const { frame, at } of sorted) {
    if (at - last > SAME_PLACE) places.push([frame]);
    else places.at(-1)!.push(frame);
    last = at;
  }
  const volumes = places.map(({ length }) => length).sort((a, b) => a - b)[places.length >> 1]!;
  const odd = places.find((place) => place.length !== volumes);
  if (odd) throw unequal(odd, volumes);
  return Array.from({ length: volumes }, (_, n) => {
    const chosen = places.map((place) => place.sort(byNumber)[n]!);
    return { frames: chosen, grid: stackGrid(chosen, normal, size) };
  });
}

const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vec3, b: Vec3): Vec3 => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const scaled = (v: Vec3, by: number): Vec3 => [v[0] * by, v[1] * by, v[2] * by];
const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** Numbers that tell frames at one place apart, the weightiest first. */
export const APART = {
  EchoTime: (frame) =>
    frame.attribute("MREchoSequence", "EffectiveEchoTime")[0] ?? frame.attribute("MREchoSequence", "EchoTime")[0],
  TemporalPosition: (frame) =>
    frame.attribute("FrameContentSequence", "TemporalPositionIndex")[0] ??
    frame.attribute("FrameContentSequence", "TemporalPositionIdentifier")[0],
  AcquisitionNumber: (frame) =>
    frame.attribute("FrameContentSequence", "FrameAcquisitionNumber")[0] ??
    frame.attribute("FrameContentSequence", "AcquisitionNumber")[0],
  InstanceNumber: (frame) => frame.attribute("FrameContentSequence", "InstanceNumber")[0],
  frame: (frame) => frame.index,
} as const satisfies Readonly<Record<string, (frame: Frame) => number | undefined>>;

function byNumber(a: Frame, b: Frame): number {
  const differences = Object.values(APART).map((of) => (of(a) ?? 0) - (of(b) ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

function checkAlike(first: Frame, frame: Frame): void {
  const turned = Math.max(
    Math.hypot(...minus(first.alongRow, frame.alongRow)),
    Math.hypot(...minus(first.downColumn, frame.downColumn)),
  );
  const stretched = Math.max(
    Math.abs(first.rowSpacing / frame.rowSpacing - 1),
    Math.abs(first.columnSpacing / frame.columnSpacing - 1),
  );
  const what = turned > SAME_DIRECTION ? "ImageOrientationPatient" : stretched > SAME_DIRECTION ? "PixelSpacing" : undefined;
  if (what)
    throw new GadoliniteError(
      "bad-file",
      `${nameOf(first)} and ${nameOf(frame)} differ in ${what}: the series holds several stacks (localizers, say). Give the files of one.`,
    );
}

function unequal(odd: readonly Frame[], usual: number): GadoliniteError {
  const names = odd.map(nameOf).slice(0, 4).join(" and ");
  return new GadoliniteError(
    "bad-file",
    `${names}: slices at one place, ${odd.length} in number, where other places have ${usual}. Slices are duplicated or missing.`,
  );
}

function stackGrid(
  frames: readonly Frame[],
  normal: Vec3,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Grid {
  const [first] = frames as readonly [Frame];
  const step = frames.length > 1 ? evenStep(frames, normal) : scaled(normal, thicknessOf(first));
  const affine = affineOfSteps(
    [scaled(first.alongRow, first.columnSpacing), scaled(first.downColumn, first.rowSpacing), step],
    first.position,
    LPS,
  );
  return gridOf([columns, rows, frames.length], affine);
}

/** A slice alone is as thick as it says. */
function thicknessOf(frame: Frame): number {
  const candidates = (["SliceThickness", "SpacingBetweenSlices"] as const).map(
    (keyword) => frame.attribute("PixelMeasuresSequence", keyword)[0],
  );
  return candidates.find((mm) => mm !== undefined && mm > 0 && mm < Infinity) ?? 1;
}

/** The step from slice to slice, if all lie in a line along the normal at one distance. */
function evenStep(frames: readonly Frame[], normal: Vec3): Vec3 {
  const offsets = frames.map((frame) => minus(frame.position, frames[0]!.position));
  const along = offsets.map((offset) => dot(offset, normal));
  checkGaps(frames, along);
  const distance = along.at(-1)! / (frames.length - 1);
  offsets.forEach((offset, k) => {
    const aside = Math.hypot(...minus(offset, scaled(normal, along[k]!)));
    if (aside > UNEVEN * distance)
      throw new GadoliniteError(
        "unsupported",
        `${nameOf(frames[k]!)} lies ${aside.toFixed(3)} mm beside the normal through the first slice: the stack is sheared, as with a tilted gantry. Resample it with another program.`,
      );
    if (Math.abs(along[k]! - k * distance) > UNEVEN * distance)
      throw new GadoliniteError(
        "bad-file",
        `${nameOf(frames[k]!)} lies ${along[k]!.toFixed(3)} mm from the first slice; at even distances it would be ${(k * distance).toFixed(3)} mm.`,
      );
  });
  return scaled(offsets.at(-1)!, 1 / (frames.length - 1));
}

/** Throws `bad-file`, naming the neighbours, where the distance of two slices is not the usual one. */
function checkGaps(frames: readonly Frame[], along: readonly number[]): void {
  const gaps = along.slice(1).map((at, k) => at - along[k]!);
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1]!;
  const odd = gaps.findIndex((gap) => Math.abs(gap - usual) > 2 * UNEVEN * usual);
  if (odd >= 0)
    throw new GadoliniteError(
      "bad-file",
      `${nameOf(frames[odd]!)} and ${nameOf(frames[odd + 1]!)} are ${gaps[odd]!.toFixed(3)} mm apart, where ${usual.toFixed(3)} mm is usual: slices are missing or do not belong here.`,
    );
}

/** A frame in a message. */
const nameOf = ({ file, index }: Frame): string => (index === 0 ? file.name : `${file.name} (frame ${index + 1})`);
