import { createMask, type Volume } from "gadolinite";
import { subtract } from "gadolinite/enhancement";
import { erode, gaussian } from "gadolinite/filters";
import { lesionFromAxes, lesionsOf } from "gadolinite/metrics";
import {
  amplify,
  bone2022,
  boneClaims,
  boneTables,
  type ContrastRow,
  contrastRows,
  detectionReading,
  mingo2023,
  type PreparedStudy,
  type ReadySystem,
} from "gadolinite/recipes";
import type { StudySettings } from "./options.js";
import { percentilesOf, type StudyPlan, stepsOf } from "./plan.js";

interface Row {
  readonly contrast: readonly ContrastRow[];
  readonly readings: readonly ReturnType<typeof detectionReading>[];
}

/** Amplification of the standard dose by Bône's networks and by Mingo's; marks are those of a program in place of readers. */
export function bonePlan(settings: StudySettings): StudyPlan<Row> {
  const { seed } = settings;
  return {
    title: "Bône et al. 2022: contrast amplification",
    calibration: "radiometric",
    doses: [0.25],
    systems: [
      bone2022({ seed, size: "small", percentiles: percentilesOf(settings), steps: stepsOf(settings, 4000) }),
      mingo2023({ seed, size: "small", steps: stepsOf(settings, 5000) }),
    ],
    async measure(study, ready, signal) {
      const scans = await arms(study, ready, signal);
      const readings = Object.entries(scans).map(([arm, scan]) =>
        detectionReading(study, marksOf(scan, study), { reader: "program", arm }),
      );
      return [{ contrast: contrastRows(study, scans), readings }];
    },
    tell: async (rows) => {
      const contrast = rows.flatMap((row) => row.contrast);
      return {
        tables: boneTables({ contrast, readings: rows.flatMap((row) => row.readings) }),
        charts: [],
        claims: boneClaims(contrast),
      };
    },
    async show(study, ready, signal) {
      const scans = await arms(study, ready, signal);
      return {
        labels: ["T1", ...Object.keys(scans)],
        panels: [study.pre, ...Object.values(scans)].map((volume) => ({ volume })),
        caption: "A phantom before the agent, at the standard dose, and amplified beyond it.",
      };
    },
  };
}

async function arms(study: PreparedStudy, ready: readonly ReadySystem[], signal: AbortSignal): Promise<Record<string, Volume>> {
  const [bone, mingo] = ready as [ReadySystem, ReadySystem];
  const amplified = ({ system, models = [] }: ReadySystem) => amplify(system.restorer(models, study), study, { signal });
  return { T1c: study.post, "T1c-pro": await amplified(bone), mingo2023: await amplified(mingo) };
}

/** What stands out of the enhancement, in units of the brain's 95th percentile, away from the brain's surface and its vessels. */
const THRESHOLD = 0.25;
const DEPTH_MM = 6;

function marksOf(scan: Volume, { pre, brain }: PreparedStudy) {
  const enhancement = gaussian(subtract(pre, scan), { sigmaVoxels: 0.7 });
  const inner = erode(brain, { radiusMm: DEPTH_MM });
  const bright = Uint8Array.from(enhancement.data, (v, i) => (inner.data[i] && v > THRESHOLD ? 1 : 0));
  return lesionsOf(createMask(bright, scan.grid)).map(lesionFromAxes);
}
