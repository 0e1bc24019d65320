import { boundingBox, type Mask, type Volume } from "gadolinite";
import { subtract } from "gadolinite/enhancement";
import { histogram } from "gadolinite/filters";
import { enhancementRegion } from "gadolinite/metrics";
import type { DoseRow, PreparedStudy, Region } from "gadolinite/recipes";
import {
  doseTable,
  formatNumber,
  histogramChart,
  htmlReport,
  lineChart,
  montage,
  type ReportSection,
  type Table,
  toMarkdown,
} from "gadolinite/report";

/** A dose that the montage shows. */
export interface ShownDose {
  readonly dose: number;
  readonly low: Volume;
  readonly restorer: string;
  readonly restored: Volume;
}

export interface DemoReport {
  readonly html: string;
  readonly markdown: string;
  readonly png: Uint8Array;
}

const NOTICE =
  "Not a medical device. For research only: a restored scan can hide a lesion or show one that is not there. Scans that were not stripped, and pictures of them, still show a face.";

/** The region that tells most: the box around the lesions where they are known, else the brain. */
export const mainRegion = ({ lesions }: PreparedStudy): Region => (lesions ? "box" : "brain");

const REGION_NAMES: Readonly<Record<Region, string>> = {
  image: "whole image",
  brain: "brain",
  box: "lesion box",
  lesion: "lesion",
};

export function makeReport(study: PreparedStudy, rows: readonly DoseRow[], shown: readonly ShownDose[]): DemoReport {
  const png = picture(study, shown);
  const region = mainRegion(study);
  const facts = studyFacts(study);
  const tables = doseTables(study, rows);
  const noise = rows[0]!.noise === "matched" ? "with noise matched to the pair" : "without noise";
  const title = `Dose study of ${study.id}`;
  const summary = `Low doses were simulated ${noise}, restored, and measured against the standard dose. Doses are fractions of the standard dose; intensities are in units of the brain's 95th percentile.`;
  const pictureCaption = `Axial slice with most enhancing voxels. ${study.lesions ? "The lesions are outlined in the first column. " : ""}The last column is restored − standard dose.`;
  const sections: ReportSection[] = [
    { title: "The pair", blocks: [{ kind: "facts", facts }, ...histograms(study)] },
    {
      title: "Pictures",
      blocks: [{ kind: "picture", png, alt: "T1, low dose, restored, standard dose and difference", caption: pictureCaption }],
    },
    {
      title: "Image quality by dose",
      blocks: [
        { kind: "chart", svg: chart(rows, region, "psnr", "PSNR (dB)"), caption: `PSNR in the ${REGION_NAMES[region]}.` },
        { kind: "chart", svg: chart(rows, region, "ssim", "SSIM"), caption: `SSIM in the ${REGION_NAMES[region]}.` },
        ...tables.map((table) => ({ kind: "table" as const, table })),
        { kind: "text", text: "table.csv holds every measure of every dose, restorer and region." },
      ],
    },
  ];
  const markdown = [
    `# ${title}`,
    summary,
    `> ${NOTICE}`,
    "![T1, low dose, restored, standard dose and difference](montage.png)",
    pictureCaption,
    facts.map(([name, value]) => `- **${name}**: ${value}`).join("\n"),
    ...tables.map((table) => toMarkdown(table)),
  ].join("\n\n");
  return { html: htmlReport({ title, summary, notice: NOTICE, sections }), markdown: `${markdown}\n`, png };
}

function studyFacts({ id, grid, calibration, noise, remarks }: PreparedStudy): readonly (readonly [string, string])[] {
  const level = (value: number) => formatNumber(value, { decimals: 4 });
  return [
    ["Case", id],
    ["Grid", `${grid.shape.join(" × ")} voxels`],
    [
      "Calibration",
      `${calibration.method}: gain ${formatNumber(calibration.gain, { decimals: 4 })}, offset ${formatNumber(calibration.offset, { decimals: 3 })}`,
    ],
    [
      "Noise of the subtraction image",
      `${level(noise["highpass-mad"])} (high-pass), ${level(noise.negatives)} (negatives), ${level(noise.huber)} (Huber)`,
    ],
    ...remarks.map((remark) => ["Remark", remark] as const),
  ];
}

function histograms({ pre, post, unit, calibration: { gain, offset }, content }: PreparedStudy) {
  const chartOf = (title: string, label: string, a: Volume, b: Volume) => {
    const high = Math.max(...[a, b].map(({ data }) => data.reduce((m, v) => Math.max(m, v), 0)));
    const series = (name: string, volume: Volume) => ({
      name,
      ...histogram(volume, { bins: 200, range: [0, 0.6 * high], mask: content }),
    });
    return {
      kind: "chart" as const,
      svg: histogramChart({ title, x: { label }, series: [series("pre-contrast", a), series("post-contrast", b)] }),
    };
  };
  const map = ({ grid, data }: Volume, f: (v: number) => number): Volume => ({ grid, data: data.map(f) });
  return [
    chartOf(
      "Before calibration",
      "intensity as stored",
      map(pre, (v) => v * unit),
      map(post, (v) => (v * unit - offset) / gain),
    ),
    chartOf("After calibration", "intensity (95th percentile of the brain = 1)", pre, post),
  ];
}

function picture(study: PreparedStudy, shown: readonly ShownDose[]): Uint8Array {
  const { pre, post, brain, lesions } = study;
  const contours = lesions ? [{ mask: lesions }] : [];
  const error = { colormap: "diverging", window: { low: -0.4, high: 0.4 } } as const;
  // With doses 0 and 1 alone nothing was restored: the pair itself is shown.
  const pair = [[{ volume: pre, contours }, undefined, undefined, post]];
  const rows = shown.map(({ low, restored }) => [
    { volume: pre, contours },
    low,
    restored,
    post,
    { volume: subtract(post, restored), ...error },
  ]);
  return montage(rows.length > 0 ? rows : pair, {
    window: { percentiles: [1, 99.7], of: post, mask: brain },
    slice: { through: mostEnhancing(study) },
    box: boundingBox(brain, { marginVoxels: 4 }),
    columnLabels: ["T1", "low dose", "restored", "standard dose", "difference"].slice(0, rows.length > 0 ? 5 : 4),
    rowLabels: shown.map(({ dose, restorer }) => `${Math.round(100 * dose)} %, ${restorer}`),
  });
}

/** Enhancing voxels of the lesions, of the brain, or else the brain. */
function mostEnhancing({ pre, post, brain, lesions }: PreparedStudy): Mask {
  const enhancing = enhancementRegion(pre, post, { brain });
  const inLesions = lesions && { grid: lesions.grid, data: enhancing.data.map((v, i) => v & lesions.data[i]!) };
  return [inLesions, enhancing, brain].find((mask) => mask?.data.includes(1)) ?? brain;
}

function chart(rows: readonly DoseRow[], region: Region, metric: "psnr" | "ssim", label: string): string {
  const restorers = [...new Set(rows.map(({ restorer }) => restorer))].filter((name) => name !== "beyond");
  const series = restorers.map((name) => ({
    name: name === "none" ? "low dose" : name,
    dashed: name === "none",
    points: rows
      .filter((row) => row.restorer === name && row.region === region && row.dose < 1)
      .map((row) => ({ x: row.dose, y: row[metric] })),
  }));
  return lineChart({ title: `${label} by dose`, x: { label: "dose", percent: true }, y: { label }, series });
}

function doseTables(study: PreparedStudy, rows: readonly DoseRow[]): readonly Table[] {
  const { lesions } = study;
  const regions: readonly Region[] = lesions ? ["lesion", "box", "brain", "image"] : ["brain", "image"];
  const table = (
    metric: keyof DoseRow & string,
    name: string,
    region: Region,
    better: "higher" | "lower" | "neither",
    decimals: number,
  ): Table =>
    doseTable(
      rows
        .filter((row) => row.region === region && row.dose < 1 && (row.restorer !== "beyond" || better === "neither"))
        .map((row) => ({ case: row.case, restorer: row.restorer, dose: row.dose, region, metric, value: row[metric] as number })),
      { metric, region, better, decimals, caption: `${name}, ${REGION_NAMES[region]}.` },
    );
  return [
    ...regions.map((region) => table("psnr", "PSNR (dB)", region, "higher", 2)),
    table("ssim", "SSIM", regions[0] === "lesion" ? "box" : "brain", "higher", 4),
    table("maeCe", "MAE of the enhancing voxels", "brain", "lower", 4),
    table("relativeMean", "Relative mean enhancement c̄ (1 is the standard dose)", regions[0]!, "neither", 3),
    table("relativeMax", "Relative maximal enhancement ĉ", regions[0]!, "neither", 3),
    ...(lesions ? [contrastTable(rows)] : []),
  ];
}

/** CNR, LBR and CEP of the lesion: restored, at and beyond the standard dose. */
function contrastTable(rows: readonly DoseRow[]): Table {
  const lesion = rows.filter((row) => row.region === "lesion");
  return {
    caption:
      "Contrast of the lesion. “beyond” is the low-dose scan plus the standard dose's signal; dose 1 is the standard dose itself.",
    columns: [
      { label: "Dose", decimals: 2 },
      { label: "Restorer" },
      { label: "CNR", decimals: 2 },
      { label: "LBR", decimals: 3 },
      { label: "CEP", decimals: 3 },
    ],
    rows: lesion.map(({ dose, restorer, cnr, lbr, cep }) => [dose, restorer, cnr, lbr, cep]),
  };
}

/** A line or two a dose for the terminal. */
export function summaryLines(study: PreparedStudy, rows: readonly DoseRow[]): readonly string[] {
  const region = mainRegion(study);
  const inRegion = rows.filter((row) => row.region === region && row.dose < 1 && row.restorer !== "beyond");
  const doses = [...new Set(inRegion.map(({ dose }) => dose))];
  const restorers = [...new Set(inRegion.map(({ restorer }) => restorer))];
  const width = Math.max(...restorers.map((name) => name.length), 8) + 2;
  const value = (restorer: string, dose: number) => inRegion.find((row) => row.restorer === restorer && row.dose === dose)?.psnr;
  return [
    `PSNR (dB) in the ${REGION_NAMES[region]} by dose:`,
    `  ${"".padEnd(width)}${doses.map((dose) => `${Math.round(100 * dose)} %`.padStart(7)).join("")}`,
    ...restorers.map(
      (name) =>
        `  ${(name === "none" ? "low dose" : name).padEnd(width)}${doses.map((dose) => (value(name, dose)?.toFixed(1) ?? "–").padStart(7)).join("")}`,
    ),
  ];
}
