import { GadoliniteError } from "../../core/errors.js";
import type { Vec3 } from "../../core/grid.js";
import { checkPositive } from "../../internal/check.js";
import { type Anatomy, createAnatomy } from "./anatomy.js";
import { createDraws, type Draws } from "./draws.js";
import { addGround, type Ground } from "./ground.js";
import { addLesions } from "./lesions.js";
import { highPassMad, scannerNoise } from "./scanner.js";
import { addSheets } from "./sheets.js";
import { opposite } from "./smoothField.js";
import { type CleanScan, takeScans } from "./takeScans.js";
import { addVessels } from "./vessels.js";

export interface ProceduralScanOptions {
  /** Integer from 0 to 2⁵³ − 1: all that is random follows from it. */
  readonly seed: number;
  /** Voxels along i, j, k, each 8 or more. */
  readonly shape: Vec3;
  /**
   * Range of the noise of the subtraction image, brain's 95th percentile = 1, most often in the middle of its logarithm. Default [0.01, 0.15].
   * `sigma` of the result is larger where structure dominates the noise.
   */
  readonly sigma?: readonly [low: number, high: number];
}

/** A patch before and after a standard dose, in the unit of the brain's 95th percentile before it. Arrays are [k, j, i], i fastest. */
export interface ProceduralScan {
  readonly shape: Vec3;
  /** Before the agent, with noise. */
  readonly pre: Float32Array;
  /** At the standard dose, with noise of its own. */
  readonly post: Float32Array;
  /** What the agent adds, before any scanner has looked at it: no noise, no blur. */
  readonly uptake: Float32Array;
  /** Where there is signal: elsewhere both scans are exactly 0, as in a stripped scan. */
  readonly content: Uint8Array;
  /** Noise level σ of `post − pre` as the high-pass estimate over a whole brain would read it: the patch's own, but for a factor near 1. */
  readonly sigma: number;
}

/**
 * A made-up patch of a scan before and after contrast agent, everything about it at random: labels with intensities, textures and
 * uptakes of their own, lesions, vessels, sheets; bias, gain, contrast and resolution that differ between the two scans; what is left of a
 * misregistration; ghosts; ground that is stripped or air; and noise that is correlated as reconstruction and interpolation make it,
 * uneven, and shared out between the scans.
 *
 *     pre = B₁(tissue) + n₁      post = B₂(tissue + change + uptake) + n₂      B: blur, shift or thick slices of either scan
 *
 * σ is what the high-pass estimate (`noiseLevel`) reads in the patch, structure and all, over a factor of about 0.9 (± 20 %): one part of a brain
 * is quieter than another.
 *
 * @throws `out-of-range` for a shape below 8 voxels, a bad seed or range
 * @see Billot et al. 2023, Med Image Anal 86:102789 (training on randomised synthetic scans carries over to real ones)
 * @example
 * const { pre, post, sigma } = proceduralScan({ seed: 1, shape: [40, 40, 40] });
 */
export function proceduralScan({ seed, shape, sigma: range = [0.01, 0.15] }: ProceduralScanOptions): ProceduralScan {
  checkShape(shape);
  checkRange(range);
  const draws = createDraws(seed);
  const noise = Math.sqrt(draws.logUniform(...range) * draws.logUniform(...range));
  const anatomy = createAnatomy(draws, shape);
  // In some parts hardly anything takes up the agent.
  if (draws.chance(0.9)) {
    addLesions(draws, anatomy);
    addVessels(draws, anatomy);
    addSheets(draws, anatomy);
  }
  const ground = draws.chance(0.35) ? addGround(draws, anatomy) : undefined;
  scaleIntensity(draws, anatomy, ground);

  const [pre, post] = takeScans(draws, anatomy);
  addScanNoise(draws, anatomy, pre, post, noise, ground?.air === true);
  const content = ground && !ground.air ? ground.content : new Uint8Array(anatomy.tissue.length).fill(1);
  for (let v = 0; v < content.length; v++) if (!content[v]) pre.image[v] = post.image[v] = anatomy.uptake[v] = 0;
  const sigma = levelOf(draws, shape, pre.image, post.image, content, noise);
  return { shape, pre: pre.image, post: post.image, uptake: anatomy.uptake, content, sigma };
}

/** What is read in the patch, over the factor by which it is noisier than its brain; at least half of the noise that was put in. */
function levelOf(draws: Draws, shape: Vec3, pre: Float32Array, post: Float32Array, content: Uint8Array, noise: number): number {
  const difference = new Float32Array(pre.length);
  for (let v = 0; v < difference.length; v++) difference[v] = post[v]! - pre[v]!;
  const read = highPassMad(difference, shape, content);
  const quieter = Math.exp(-0.1 + 0.2 * draws.normal());
  return read > 0 ? Math.max(0.5 * noise, read / quieter) : noise;
}

function checkShape(shape: Vec3): void {
  if (!(shape.length === 3 && shape.every((n) => Number.isSafeInteger(n) && n >= 8)))
    throw new GadoliniteError("out-of-range", `shape must be three integers of 8 or more, but is [${shape}].`);
}

function checkRange([low, high]: readonly [number, number]): void {
  checkPositive("sigma[0]", low);
  checkPositive("sigma[1]", high);
  if (low > high) throw new GadoliniteError("out-of-range", `The range of sigma [${low}, ${high}] must rise.`);
}

/** Scales the tissue so that its 95th percentile is about 1: the brain's is, a patch's near it. Every 37th voxel is looked at. */
function scaleIntensity(draws: Draws, { tissue }: Anatomy, ground: Ground | undefined): void {
  const seen: number[] = [];
  for (let v = 0; v < tissue.length; v += 37) if (!ground || ground.content[v]) seen.push(tissue[v]!);
  const bright = Float64Array.from(seen).sort()[Math.floor(0.95 * seen.length)] || 1;
  const factor = (draws.chance(0.9) ? draws.uniform(0.75, 1.15) : draws.uniform(0.4, 1.6)) / bright;
  for (let v = 0; v < tissue.length; v++) tissue[v]! *= factor;
}

/** Adds each scan's noise: of its scanner's grain, stronger where parallel imaging makes it so, magnitudes in air. */
function addScanNoise(
  draws: Draws,
  { shape, slow }: Anatomy,
  pre: CleanScan,
  post: CleanScan,
  level: number,
  air: boolean,
): void {
  // A scan of thick slices, or interpolated to finer ones, has hardly any noise of its own.
  const share = draws.uniform(0, 0.9) ** 1.5;
  const uneven = draws.chance(0.5) ? draws.uniform(0, 0.35) : 0;
  const where = uneven > 0 ? opposite(slow) : undefined;
  const magnitude = air || draws.chance(0.1);
  for (const [{ image, scanner }, part] of [
    [pre, share],
    [post, 1 - share],
  ] as const) {
    const noise = scannerNoise(draws, shape, scanner);
    const other = magnitude ? scannerNoise(draws, shape, scanner) : undefined;
    const amplitude = level * Math.sqrt(part);
    for (let v = 0; v < image.length; v++) {
      const s = amplitude * (where ? Math.max(0.2, 1 + uneven * where[v]!) : 1);
      const a = image[v]! + s * noise[v]!;
      image[v] = other ? Math.sqrt(a * a + (s * other[v]!) ** 2) : a;
    }
  }
}
