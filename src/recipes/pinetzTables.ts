import { GadoliniteError } from "../core/errors.js";
import { meanAndSd } from "../report/doseTable.js";
import { formatPValue } from "../report/formatNumber.js";
import type { Cell, Table, TableCell } from "../report/table.js";
import { tTest } from "../statistics/tTest.js";
import type { ComparisonRow } from "./compare.js";

export interface PinetzTablesOptions {
  /** The system whose difference from its closest competitor is tested. Default `"pinetz2024"`. */
  readonly ours?: string;
  /** Systems that count as no competitor: the low dose itself. Default `["none"]`. */
  readonly baselines?: readonly string[];
}

interface Measure {
  readonly label: string;
  readonly region: ComparisonRow["region"];
  readonly key: "psnr" | "ssim" | "maeCe" | "relativeMean" | "relativeMax";
  /** Distance from the best value; less is better. */
  readonly distance: (value: number) => number;
  readonly decimals: number;
}

const PSNR = { key: "psnr", distance: (v: number) => -v, decimals: 2 } as const;
const nearOne = (v: number) => Math.abs(1 - v);
const MEASURES = {
  image: { label: "PSNR_I", region: "image", ...PSNR },
  brain: { label: "PSNR_B", region: "brain", ...PSNR },
  lesion: { label: "PSNR_L", region: "lesion", ...PSNR },
  ssim: { label: "SSIM", region: "image", key: "ssim", distance: (v: number) => -v, decimals: 3 },
  maeCe: { label: "MAE_CE", region: "brain", key: "maeCe", distance: (v: number) => v, decimals: 3 },
  mean: { label: "c̄", region: "lesion", key: "relativeMean", distance: nearOne, decimals: 2 },
  max: { label: "ĉ", region: "lesion", key: "relativeMax", distance: nearOne, decimals: 2 },
} as const satisfies Record<string, Measure>;

const TABLES: readonly (readonly [number: number, measures: readonly Measure[]])[] = [
  [1, [MEASURES.image, MEASURES.lesion, MEASURES.mean, MEASURES.max]],
  [2, [MEASURES.image, MEASURES.brain, MEASURES.ssim, MEASURES.maeCe]],
  [3, [MEASURES.brain, MEASURES.lesion, MEASURES.mean, MEASURES.max]],
];

/**
 * Tables 1 to 3 of Pinetz et al. for any cohort, one set a dose: systems as rows, mean ± standard deviation over cases or lesions, the best in bold, and below the p-value of
 * a paired t-test between ours and its closest competitor.
 *
 * Best is the highest PSNR and SSIM, the lowest error, and the relative enhancement nearest to 1. What was added to the low dose (`name+`) is shown, but neither best nor a
 * competitor. A p-value is left out where there are fewer than two cases.
 *
 * @throws `out-of-range` for no row
 * @see Pinetz et al. 2024, tables 1, 2 and 3
 * @example
 * const markdown = pinetzTables(rows).map(({ table }) => toMarkdown(table)).join("\n\n");
 */
export function pinetzTables(
  rows: readonly ComparisonRow[],
  { ours = "pinetz2024", baselines = ["none"] }: PinetzTablesOptions = {},
): readonly { readonly dose: number; readonly number: number; readonly table: Table }[] {
  if (rows.length === 0) throw new GadoliniteError("out-of-range", "There is no row to tell.");
  const doses = [...new Set(rows.map(({ dose }) => dose))].sort((a, b) => a - b);
  return doses.flatMap((dose) => {
    const own = rows.filter((row) => row.dose === dose);
    return TABLES.map(([number, measures]) => ({ dose, number, table: tableOf(own, dose, number, measures, ours, baselines) }));
  });
}

function tableOf(
  rows: readonly ComparisonRow[],
  dose: number,
  number: number,
  measures: readonly Measure[],
  ours: string,
  baselines: readonly string[],
): Table {
  const systems = [...new Set(rows.map(({ system }) => system))];
  const columns = measures.map((measure) => columnOf(rows, systems, measure, ours, baselines));
  const counts = (region: ComparisonRow["region"]) =>
    rows.filter((row) => row.system === systems[0] && row.region === region).length;
  const real = rows.filter((row) => row.system === systems[0] && row.region === "image" && row.real).length;
  const tested = columns.some(({ pValue }) => pValue !== undefined);
  return {
    caption: `As table ${number} of Pinetz et al. 2024, dose ${dose}`,
    columns: [{ label: "" }, ...measures.map(({ label }) => ({ label, align: "right" as const }))],
    rows: [
      ...systems.map((system, s): readonly TableCell[] => [system, ...columns.map(({ cells }) => cells[s]!)]),
      ...(tested
        ? [[`p, ${ours}`, ...columns.map(({ pValue }) => (pValue === undefined ? null : `${formatPValue(pValue)}`))]]
        : []),
    ],
    notes: [
      `Mean ± standard deviation over ${counts("image")} cases and ${counts("lesion")} lesions; ${real} of the low doses were really given, the others are linear mixtures with matched noise.`,
      `Peak of PSNR: the standard dose's maximum in the region. p: paired t-test of ${ours} and its closest competitor.`,
    ],
  };
}

function columnOf(
  rows: readonly ComparisonRow[],
  systems: readonly string[],
  { region, key, distance, decimals }: Measure,
  ours: string,
  baselines: readonly string[],
): { readonly cells: readonly Cell[]; readonly pValue: number | undefined } {
  const samples = systems.map((system) =>
    rows.filter((row) => row.system === system && row.region === region).map((row) => row[key]),
  );
  const means = samples.map((values) => mean(values.filter(Number.isFinite)));
  const counts = (s: number) => !systems[s]!.endsWith("+") && !baselines.includes(systems[s]!) && !Number.isNaN(means[s]!);
  const ranked = systems.map((_, s) => s).filter(counts);
  ranked.sort((a, b) => distance(means[a]!) - distance(means[b]!));
  const rival = ranked.find((s) => systems[s] !== ours);
  const own = systems.indexOf(ours);
  return {
    cells: samples.map((values, s) => {
      const known = values.filter(Number.isFinite);
      return { value: known.length > 0 ? meanAndSd(known, decimals, decimals) : null, bold: s === ranked[0] };
    }),
    pValue: own >= 0 && rival !== undefined ? pairedTest(samples[own]!, samples[rival]!) : undefined,
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function pairedTest(a: readonly number[], b: readonly number[]): number | undefined {
  const both = a.map((v, n) => [v, b[n]!] as const).filter(([v, w]) => Number.isFinite(v) && Number.isFinite(w));
  if (both.length < 2) return undefined;
  return tTest(
    both.map(([v]) => v),
    both.map(([, w]) => w),
    { design: "paired" },
  ).pValue;
}
