import type { Backend } from "gadolinite/backend";
import type { PhantomLesionSpec } from "gadolinite/phantom";
import type { CalibrationMethod, Claim, PreparedStudy, ReadySystem, System } from "gadolinite/recipes";
import type { MontagePanel, Table } from "gadolinite/report";
import type { StudySettings } from "./options.js";

/** What one recipe's study trains, measures and tells. A row is plain JSON. */
export interface StudyPlan<Row> {
  readonly title: string;
  readonly calibration: CalibrationMethod;
  /** Doses at which phantoms are really scanned, besides the standard dose. */
  readonly doses: readonly number[];
  /** Lesions of a phantom patient, by number. Default: one to six of any kind. */
  readonly lesions?: (patient: number) => readonly PhantomLesionSpec[];
  readonly systems: readonly System[];
  /** Measures one study. */
  measure(study: PreparedStudy, ready: readonly ReadySystem[], signal: AbortSignal): Promise<readonly Row[]>;
  tell(rows: readonly Row[], test: readonly PreparedStudy[], ready: readonly ReadySystem[], backend: Backend): Promise<Told>;
  /** Scans of a study to be shown side by side. */
  show(study: PreparedStudy, ready: readonly ReadySystem[], signal: AbortSignal): Promise<Picture>;
}

export interface Told {
  readonly tables: readonly Table[];
  readonly charts: readonly { readonly name: string; readonly svg: string }[];
  readonly claims: readonly Claim[];
}

export interface Picture {
  readonly labels: readonly string[];
  readonly panels: readonly MontagePanel[];
  readonly caption: string;
}

/**
 * For `bone2022`: the paper's, but for phantoms, which have fewer bright vessels than a brain: their 99th percentile is that of white matter, and would clip the
 * lesions of what is learnt.
 */
export const percentilesOf = ({ cohort }: StudySettings): readonly [number, number] =>
  cohort === undefined ? [1, 99.9] : [1, 99];

/** Steps of a training at this effort. */
export const stepsOf = ({ effort }: StudySettings, steps: number): number => Math.max(1, Math.round(effort * steps));
