import type { Table, TableCell } from "gadolinite/report";
import type { EvaluationRow } from "./evaluateCase.js";

/** A table for each dose: cases and restorers, means over the draws; the best of each case in bold. */
export function summaryTables(rows: readonly EvaluationRow[]): readonly Table[] {
  const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
  return unique(rows.map(({ dose }) => dose)).map((dose) => ({
    caption: `Dose ${dose}`,
    columns: [
      { label: "case" },
      { label: "restorer" },
      { label: "lesion PSNR", group: "dB", decimals: 2 },
      { label: "brain PSNR", group: "dB", decimals: 2 },
      { label: "c̄", decimals: 3 },
      { label: "ĉ", decimals: 3 },
      { label: "false (%)", decimals: 4 },
      { label: "largest", decimals: 1 },
      { label: "s", decimals: 1 },
    ],
    rows: unique(rows.map((row) => row.case)).flatMap((name) =>
      caseRows(rows.filter((row) => row.case === name && row.dose === dose)),
    ),
  }));
}

function caseRows(rows: readonly EvaluationRow[]): readonly (readonly TableCell[])[] {
  const names = [...new Set(rows.map(({ restorer }) => restorer))].filter((name) => name !== "beyond");
  const value = (
    restorer: string,
    region: string,
    key: "psnr" | "relativeMean" | "relativeMax" | "falseShare" | "falseLargest" | "seconds",
  ) => mean(rows.filter((row) => row.restorer === restorer && row.region === region).map((row) => row[key]));
  const best = (region: string) => Math.max(...names.map((name) => value(name, region, "psnr")));
  const [bestLesion, bestBrain] = [best("lesion"), best("brain")];
  const bold = (v: number, b: number): TableCell => (Number.isNaN(v) ? null : { value: v, bold: v === b });
  return names.map((name) => [
    rows[0]!.case,
    name,
    bold(value(name, "lesion", "psnr"), bestLesion),
    bold(value(name, "brain", "psnr"), bestBrain),
    orNone(value(name, "lesion", "relativeMean")),
    orNone(value(name, "lesion", "relativeMax")),
    100 * value(name, "brain", "falseShare"),
    value(name, "brain", "falseLargest"),
    value(name, "brain", "seconds"),
  ]);
}

/** NaN of nothing. */
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

const orNone = (v: number): TableCell => (Number.isNaN(v) ? null : v);
