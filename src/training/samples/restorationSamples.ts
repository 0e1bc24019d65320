import type { Tensors } from "../../backend/backend.js";
import { GadoliniteError } from "../../core/errors.js";
import type { Vec3 } from "../../core/grid.js";
import { checkNonNegative, checkNonNegativeInteger, checkPositiveInteger } from "../../internal/check.js";
import { noiseUnitConditions } from "../../model/noiseUnitsCard.js";
import { createDraws, type Draws } from "../procedural/draws.js";
import { type ProceduralScan, proceduralScan } from "../procedural/proceduralScan.js";
import { createScanner, scannerNoise } from "../procedural/scanner.js";
import { checkDoseRange, createBatch, estimateOf, writeDosePatch } from "./doseBatch.js";
import { sampleSeed } from "./sampleSeed.js";
import { drawSymmetry, type Symmetry, turnVoxels } from "./symmetry.js";

export interface RestorationSamplesOptions {
  /** Integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** Voxels along i, j, k. Default [40, 40, 40]. */
  readonly patch?: Vec3;
  /** Samples a step. Default 4. */
  readonly batch?: number;
  /** Range of the dose, log-uniform. Default [0.05, 0.95]. */
  readonly dose?: readonly [low: number, high: number];
  /** Range of the noise level of the subtraction image, most often in the middle of its logarithm, brain's 95th percentile = 1. Default [0.006, 0.15]. */
  readonly sigma?: readonly [low: number, high: number];
  /** Standard deviation of ln(σ told / σ), beside the systematic excess of the estimate (`estimateOf`); 0: the true σ is told. Default 0.05. */
  readonly sigmaError?: number;
  /** Added to the weight 1 where the agent's uptake is 0.2 or more, in proportion below. Default 0: all voxels count alike. */
  readonly enhancementWeight?: number;
  /**
   * How often a made-up scan is used: again after some time, with another dose and other noise, turned and mirrored at random. Making scans is what costs; with 4
   * uses it costs a third. More than 1 needs a cubic patch. Default 1.
   */
  readonly uses?: number;
}

/** Gives the tensors of step 0, 1, 2 …: the same for the same step, whatever was asked for before. */
export type Samples = (step: number) => Tensors;

/**
 * Training samples for a restorer that works in units of noise, from procedural scans: see {@link writeDosePatch} for the formulas.
 *
 * Tensors: `x` [batch, 4, k, j, i] and `conditions` [batch, 3] (what the network is given), `target` [batch, 1, k, j, i] (the noise to be
 * removed, in units of σ), `weight` [batch, 1, k, j, i] (0 outside a stripped head).
 *
 * The low dose is composed as `simulateNoisyDose` does: d times the pair's own noise, correlated and uneven as it is, and white noise of
 * √(1 − d²)·σ. In a tenth of the samples the added noise has the grain of a scanner instead, as that of a true low-dose scan.
 *
 * @throws `out-of-range` for options out of range; the samples throw it for a step that is no integer of 0 or more
 * @example
 * const samples = restorationSamples({ seed: 1 });
 * const { x, conditions, target, weight } = samples(0);
 */
export function restorationSamples({
  seed,
  patch = [40, 40, 40],
  batch = 4,
  dose = [0.05, 0.95],
  sigma = [0.006, 0.15],
  sigmaError = 0.05,
  enhancementWeight = 0,
  uses = 1,
}: RestorationSamplesOptions): Samples {
  checkPositiveInteger("batch", batch);
  checkNonNegative("sigmaError", sigmaError);
  checkNonNegative("enhancementWeight", enhancementWeight);
  checkPositiveInteger("uses", uses);
  if (uses > 1 && !patch.every((n) => n === patch[0]))
    throw new GadoliniteError("out-of-range", `A patch of ${patch.join("×")} can't be turned; more than one use needs a cube.`);
  checkDoseRange(dose);
  const scanOf = remembered(
    (n) => proceduralScan({ seed: sampleSeed(seed, n, 0), shape: patch, sigma }),
    APART * (uses - 1) + batch,
  );
  return (step) => {
    checkNonNegativeInteger("step", step);
    const tensors = createBatch(batch, patch, noiseUnitConditions.length);
    for (let n = 0; n < batch; n++) {
      const sample = step * batch + n;
      const scan = scanOf(scanNumber(sample, uses));
      const draws = createDraws(sampleSeed(seed, sample, 1));
      const symmetry = uses > 1 ? drawSymmetry(draws) : undefined;
      const drawn = draws.logUniform(...dose);
      writeDosePatch(tensors, n, noiseUnitConditions, {
        ...(symmetry ? turned(scan, symmetry) : scan),
        dose: drawn,
        estimatedSigma: estimateOf(draws, scan.sigma, drawn, sigmaError),
        enhancementWeight,
        noise: addedNoise(draws, patch),
      });
    }
    return tensors;
  };
}

/** Scans between two uses of the same one. */
const APART = 16;

/** Which scan a sample is of: of `uses` samples in a row, the first is of a new scan, the others of scans that were new {@link APART}, 2 · APART … scans ago. */
const scanNumber = (sample: number, uses: number): number => Math.floor(sample / uses) + APART * (uses - 1 - (sample % uses));

/** A function of a number that keeps its latest results. */
function remembered<T>(make: (n: number) => T, most: number): (n: number) => T {
  const known = new Map<number, T>();
  return (n) => {
    const result = known.get(n) ?? make(n);
    known.delete(n);
    known.set(n, result);
    if (known.size > most) known.delete(known.keys().next().value!);
    return result;
  };
}

function turned(scan: ProceduralScan, symmetry: Symmetry): ProceduralScan {
  const turn = <T extends Float32Array | Uint8Array>(data: T) => turnVoxels(data, scan.shape, symmetry);
  return { ...scan, pre: turn(scan.pre), post: turn(scan.post), uptake: turn(scan.uptake), content: turn(scan.content) };
}

function addedNoise(draws: Draws, shape: Vec3): Float32Array {
  return draws.chance(0.1)
    ? scannerNoise(draws, shape, createScanner(draws, shape, [0, 0, 0]))
    : draws.normals(shape[0] * shape[1] * shape[2]);
}
