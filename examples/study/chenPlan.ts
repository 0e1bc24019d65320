import { createMask, type Mask, type Volume } from "gadolinite";
import { synthesize } from "gadolinite/enhancement";
import { dilate } from "gadolinite/filters";
import {
  chen2025,
  chenCharts,
  chenClaims,
  chenResults,
  chenTables,
  cohortTable,
  lowDoses,
  type PreparedStudy,
} from "gadolinite/recipes";
import type { DoseResult } from "gadolinite/report";
import type { StudySettings } from "./options.js";
import { type StudyPlan, stepsOf } from "./plan.js";

const DOSES = [0, 0.1, 0.3, 0.5, 0.9];

/** A neural field for each dose, and what a delineation by brightness makes of its results. */
export function chenPlan(settings: StudySettings): StudyPlan<DoseResult> {
  const { seed } = settings;
  return {
    title: "Chen et al. 2025: low doses of the cerebellopontine angle, by dose",
    calibration: "histogram-peaks",
    doses: [],
    // The paper's patients: a vestibular schwannoma each, of 10 to 25 mm.
    lesions: (patient) => [{ kind: "schwannoma", longAxisMm: 10 + ((7 * patient) % 16) }],
    systems: [chen2025({ seed, size: "small", doses: DOSES, steps: stepsOf(settings, 700) })],
    async measure(study, ready, signal) {
      const [{ system, models = [] }] = ready as [(typeof ready)[number]];
      return study.lesions ? chenResults(study, { system, models }, { doses: DOSES, delineate: brighter, signal }) : [];
    },
    tell: async (rows, test) => ({
      tables: [cohortTable(test), ...chenTables(rows)],
      charts: chenCharts(rows).map(({ metric, svg }) => ({ name: metric, svg })),
      claims: chenClaims(rows),
    }),
    async show(study, ready, signal) {
      const [{ system, models = [] }] = ready as [(typeof ready)[number]];
      const restorer = system.restorer(models, study);
      const lows = lowDoses(study, { doses: [0.1, 0.3], noise: "none", seed });
      const volumes: Volume[] = [study.pre, study.post];
      for (const { dose, volume: low } of lows) {
        const y = await restorer.signal({ pre: study.pre, low, dose, brain: study.brain }, { signal });
        volumes.push(low, synthesize(study.pre, y));
      }
      return {
        labels: ["T1", "T1ce", "10 %", "10 % restored", "30 %", "30 % restored"],
        panels: volumes.map((volume) => ({ volume })),
        caption: "A phantom at a tenth and at three tenths of the dose, before and after restoration.",
      };
    },
  };
}

const REACH_MM = 8;

/** In place of a segmentation network: near the lesions, what has more than half of their mean enhancement at the standard dose. */
function brighter(scan: Volume, { pre, post, lesions }: PreparedStudy): Mask {
  const near = dilate(lesions!, { radiusMm: REACH_MM });
  let [sum, count] = [0, 0];
  lesions!.data.forEach((inside, v) => {
    if (!inside) return;
    sum += post.data[v]! - pre.data[v]!;
    count++;
  });
  const half = sum / count / 2;
  return createMask(
    Uint8Array.from(near.data, (inside, v) => (inside && scan.data[v]! - pre.data[v]! > half ? 1 : 0)),
    scan.grid,
  );
}
