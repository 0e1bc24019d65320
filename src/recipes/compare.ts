import { matchRadiometric } from "../calibration/matchRadiometric.js";
import { GadoliniteError } from "../core/errors.js";
import type { TaskOptions } from "../core/progress.js";
import type { Mask, Volume } from "../core/volume.js";
import { synthesize } from "../enhancement/synthesize.js";
import { connectedComponents } from "../filters/connectedComponents.js";
import { breathe } from "../internal/breathe.js";
import { enhancementRegion } from "../metrics/enhancementRegion.js";
import { mae } from "../metrics/mae.js";
import { psnr } from "../metrics/psnr.js";
import { relativeEnhancement } from "../metrics/relativeEnhancement.js";
import { ssim } from "../metrics/ssim.js";
import { type LowDosesOptions, lowDoses } from "./lowDoses.js";
import type { PreparedStudy } from "./prepareStudy.js";
import type { LoadedModel, System } from "./system.js";

/** A system with its trained models, ready to restore. */
export interface ReadySystem {
  readonly system: System;
  /** Default none, for a system without networks. */
  readonly models?: readonly LoadedModel[];
}

export interface CompareOptions extends LowDosesOptions, TaskOptions {
  /** Whether systems that predict a signal are also measured with it added to the low dose (x̃_SD+, its name with a `+`). Default true. */
  readonly beyond?: boolean;
}

/** How near one restored scan comes to the standard dose: in the whole image, in the brain, or in one lesion. NaN where a measure isn't defined or isn't taken. */
export interface ComparisonRow {
  readonly case: string;
  readonly patient: string;
  readonly dose: number;
  /** Whether the low dose was really given. */
  readonly real: boolean;
  readonly system: string;
  readonly region: "image" | "brain" | "lesion";
  /** Number of the lesion, the largest 1; 0 for the other regions. */
  readonly lesion: number;
  /** dB; the peak is the standard dose's largest voxel in the region. */
  readonly psnr: number;
  /** Of the image: slice by slice, uniform 7² window, range max − min of the standard dose. */
  readonly ssim: number;
  /** Of the brain: in its contrast-enhancing voxels, in units of its 95th percentile. */
  readonly maeCe: number;
  /** c̄ and ĉ of the lesion. */
  readonly relativeMean: number;
  readonly relativeMax: number;
  /** Of the restoration. */
  readonly seconds: number;
}

/** What `compare` hands over for each study and dose. */
export interface Comparison {
  readonly study: PreparedStudy;
  readonly dose: number;
  readonly low: Volume;
  /** By the system's name, as they were measured: matched radiometrically where the system predicts the image. */
  readonly restored: Readonly<Record<string, Volume>>;
  readonly rows: readonly ComparisonRow[];
}

/**
 * Restores every study at every dose with every system, and measures all against the standard dose, as Pinetz et al. do for their tables 1 to 3.
 *
 * Systems that predict the image are matched to the pre-contrast scan where nothing enhances before they are measured. Lesions are measured one by one, connected
 * components (26) of the lesion mask.
 *
 * @param studies prepared; a generator is read one study at a time
 * @throws what the systems throw; `out-of-range` for two systems of one name; `aborted`
 * @see Pinetz et al. 2024, section 4
 * @example
 * const systems = [{ system: classicalSystem(doNothing()) }, { system: pinetz, models }];
 * for await (const { rows } of compare(studies, systems, { doses: [0.33], seed: 1 })) all.push(...rows);
 */
export async function* compare(
  studies: Iterable<PreparedStudy> | AsyncIterable<PreparedStudy>,
  systems: readonly ReadySystem[],
  { beyond = true, signal, onProgress, ...options }: CompareOptions,
): AsyncGenerator<Comparison> {
  const names = systems.map(({ system }) => system.name);
  if (new Set(names).size < names.length)
    throw new GadoliniteError("out-of-range", `Systems must have names of their own, but are ${names.join(", ")}.`);
  let done = 0;
  for await (const study of studies) {
    const measure = comparisonMeter(study);
    for (const { dose, volume: low, real } of lowDoses(study, options)) {
      const restored: Record<string, Volume> = {};
      const rows: ComparisonRow[] = [];
      const add = (system: string, test: Volume, seconds: number) => {
        restored[system] = test;
        const where = { case: study.id, patient: study.patient, dose, real, system };
        rows.push(...measure(test).map((measures) => ({ ...where, ...measures, seconds })));
      };
      for (const { system, models = [] } of systems) {
        onProgress?.({ done, total: done + 1, stage: `${study.id}, dose ${dose}, ${system.name}` });
        await breathe(signal);
        const start = performance.now();
        const y = await system
          .restorer(models, study)
          .signal({ pre: study.pre, low, dose, brain: study.brain }, { ...(signal && { signal }) });
        const seconds = (performance.now() - start) / 1000;
        const test = synthesize(study.pre, y);
        add(system.name, system.predicts === "image" ? measure.matched(test) : test, seconds);
        if (beyond && system.predicts === "signal" && system.networks.length > 0)
          add(`${system.name}+`, synthesize(low, y), seconds);
        done++;
      }
      yield { study, dose, low, restored, rows };
    }
  }
}

type Measures = Pick<ComparisonRow, "region" | "lesion" | "psnr" | "ssim" | "maeCe" | "relativeMean" | "relativeMax">;

interface ComparisonMeter {
  (test: Volume): readonly Measures[];
  /** The scan, brought to the pre-contrast scan's intensities where nothing enhances. */
  matched(test: Volume): Volume;
}

const UNDEFINED = { ssim: Number.NaN, maeCe: Number.NaN, relativeMean: Number.NaN, relativeMax: Number.NaN };

/** Prepares what all scans of a study share. */
function comparisonMeter({ pre, post, brain, lesions }: PreparedStudy): ComparisonMeter {
  const enhancing = enhancementRegion(pre, post, { brain });
  const quiet: Mask = { grid: brain.grid, data: brain.data.map((v, i) => (v && !enhancing.data[i] ? 1 : 0)) };
  const each = lesions ? lesionMasks(lesions) : [];
  let [low, high] = [Infinity, -Infinity];
  for (let v = 0; v < post.data.length; v++) {
    low = Math.min(low, post.data[v]!);
    high = Math.max(high, post.data[v]!);
  }
  const above = ({ grid, data }: Volume): Volume => ({ grid, data: data.map((v) => v - low) });
  const reference = above(post);

  const measure = (test: Volume): readonly Measures[] => {
    const peak = (mask?: Mask) => psnr(post, test, { dataRange: "reference-max", ...(mask && { mask }) });
    const similarity = ssim(reference, above(test), { dataRange: high - low, window: "axial" });
    const maeCe = enhancing.data.includes(1) ? mae(post, test, { mask: enhancing }) : Number.NaN;
    return [
      { ...UNDEFINED, region: "image", lesion: 0, psnr: peak(), ssim: similarity },
      { ...UNDEFINED, region: "brain", lesion: 0, psnr: peak(brain), maeCe },
      ...each.map((mask, n): Measures => {
        const { mean, max } = relativeEnhancement(pre, post, test, mask);
        return { ...UNDEFINED, region: "lesion", lesion: n + 1, psnr: peak(mask), relativeMean: mean, relativeMax: max };
      }),
    ];
  };
  // What enhances is left out by the mask, so nothing is trimmed.
  const matched = (test: Volume) => matchRadiometric(pre, test, { mask: quiet, trimQuantile: 1, stride: 1 }).volume;
  return Object.assign(measure, { matched });
}

function lesionMasks(lesions: Mask): readonly Mask[] {
  const { labels, sizes } = connectedComponents(lesions, { connectivity: 26 });
  return sizes.map((_, n) => ({ grid: lesions.grid, data: Uint8Array.from(labels, (label) => (label === n + 1 ? 1 : 0)) }));
}
