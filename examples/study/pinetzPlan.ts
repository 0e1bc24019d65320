import {
  denoisedExtrapolation,
  doNothing,
  linearExtrapolation,
  maskedExtrapolation,
  smoothedExtrapolation,
} from "gadolinite/inference";
import { createModel } from "gadolinite/model";
import {
  bone2022,
  type ComparisonRow,
  classicalSystem,
  compare,
  embeddingAnalysis,
  embeddingCharts,
  gong2018,
  pasumarthi2021,
  pinetz2024,
  pinetzClaims,
  pinetzTables,
  studyConditions,
} from "gadolinite/recipes";
import type { StudySettings } from "./options.js";
import { percentilesOf, type StudyPlan, stepsOf } from "./plan.js";

const DOSES = [0.1, 0.33];
const DIRECT = ["pasumarthi2021", "bone2022", "gong2018"];
const NOISE_LEVELS = [0.02, 0.04, 0.06];

/** Contrast signal extraction against three networks that predict the image and the restorers that need no training; about as long a training for each. */
export function pinetzPlan(settings: StudySettings): StudyPlan<ComparisonRow> {
  const { seed } = settings;
  const common = { seed, size: "small", doses: DOSES } as const;
  const classical = [doNothing(), linearExtrapolation(), maskedExtrapolation(), smoothedExtrapolation(), denoisedExtrapolation()];
  return {
    title: "Pinetz et al. 2024: contrast signal extraction",
    calibration: "radiometric",
    doses: DOSES,
    systems: [
      ...classical.map(classicalSystem),
      pinetz2024({ ...common, steps: stepsOf(settings, 2000) }),
      pasumarthi2021({ ...common, steps: stepsOf(settings, 3000) }),
      bone2022({ ...common, folds: 1, percentiles: percentilesOf(settings), steps: stepsOf(settings, 3000) }),
      gong2018({ ...common, steps: stepsOf(settings, 5000) }),
    ],
    async measure(study, ready, signal) {
      const rows: ComparisonRow[] = [];
      for await (const comparison of compare([study], ready, { doses: DOSES, seed, signal })) rows.push(...comparison.rows);
      return rows;
    },
    async tell(rows, test, ready, backend) {
      const model = ready.find(({ system }) => system.name === "pinetz2024")!.models![0]!.model;
      const conditions = test.flatMap((study) =>
        NOISE_LEVELS.flatMap((noise) => [0.05, ...DOSES, 0.66].map((dose) => ({ dose, noise, ...studyConditions(study) }))),
      );
      const analysis = await embeddingAnalysis(createModel(model.bytes), conditions, { backend, seed });
      return {
        tables: pinetzTables(rows).map(({ table }) => table),
        charts: embeddingCharts(analysis),
        claims: pinetzClaims(rows, { direct: DIRECT }),
      };
    },
    async show(study, ready, signal) {
      for await (const { low, restored, dose } of compare([study], ready, { doses: [DOSES[1]!], seed, signal })) {
        const shown = ["pinetz2024", "pinetz2024+", "pasumarthi2021", "bone2022", "gong2018", "denoised"];
        const volumes = [study.pre, low, study.post, ...shown.map((name) => restored[name]!)];
        return {
          labels: ["pre", `dose ${dose}`, "standard", ...shown],
          panels: volumes.map((volume) => ({ volume })),
          caption: `A phantom at dose ${dose}, restored by each system.`,
        };
      }
      throw new Error("There is nothing to show.");
    },
  };
}
