import type { Backend } from "gadolinite/backend";
import type { CalibrationMethod, Claim, PreparedStudy, ReadySystem, System } from "gadolinite/recipes";
import type { MontagePanel, Table } from "gadolinite/report";
import type { StudySettings } from "./options.js";

/** What one recipe's study trains, measures and tells. A row is plain JSON. */
export interface StudyPlan<Row> {
  readonly title: string;
  readonly calibration: CalibrationMethod;
  /** Doses at which phantoms are scanned. */
  readonly doses: readonly number[];
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

/** Steps of a training at this effort. */
export const stepsOf = ({ effort }: StudySettings, steps: number): number => Math.max(1, Math.round(effort * steps));
