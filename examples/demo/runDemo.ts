import { arch, cpus, platform } from "node:os";
import type { Progress, Volume } from "gadolinite";
import { uncrop } from "gadolinite/geometry";
import { DEFAULT_DOSES, type DoseRow, type PreparedStudy, prepareStudy } from "gadolinite/recipes";
import { provenance, toCsv } from "gadolinite/report";
import { chosenModels, recordModel } from "../support/models.js";
import { doseStudyInThreads } from "./doseThreads.js";
import { loadInputs } from "./inputs.js";
import type { DemoOptions } from "./options.js";
import { createOutputs, type Outputs, RECORD } from "./outputs.js";
import { mainRegion, makeReport, type ShownDose, summaryLines } from "./report.js";

export interface DemoTask {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Takes a line for the reader. */
  readonly say: (line: string) => void;
}

const COLUMNS = "case dose noise seed restorer region psnr ssim mae maeCe relativeMean relativeMax cnr lbr cep seconds".split(
  " ",
);

/** From two scans to a dose table: reads or makes the pair, prepares it, simulates, restores, measures, and writes the results. */
export async function runDemo(options: DemoOptions, task: DemoTask): Promise<void> {
  const outputs = await createOutputs(options.out);
  try {
    await writeResults(options, task, outputs);
    await outputs.commit();
  } catch (error) {
    await outputs.discard();
    throw error;
  }
  task.say(`Results are in ${options.out}: open ${options.out}/report.html`);
}

async function writeResults(options: DemoOptions, { say, ...task }: DemoTask, outputs: Outputs): Promise<void> {
  const started = performance.now();
  const { study, files, registrations } = await prepared(options, task);
  const models = await chosenModels(options.models, say);
  for (const line of describe(study)) say(line);

  const rows: DoseRow[] = [];
  const shown: ShownDose[] = [];
  // The standard dose comes last, so that its contrast measures stand beside those of the restored scans.
  const doses = [...new Set([...(options.doses ?? DEFAULT_DOSES), 1])].sort((a, b) => a - b);
  const wanted = shownDoses(doses);
  const { noise, seed } = options;
  for await (const { dose, low, restored, rows: more } of doseStudyInThreads({ study, doses, noise, seed, models }, task)) {
    rows.push(...more);
    if (wanted.includes(dose)) shown.push({ dose, low, ...best(study, restored, more, models.length > 0) });
    // One dose's volumes are compressed while the next is worked on; waiting here bounds the memory.
    await outputs.settle();
    if (dose > 0 && dose < 1) queueVolumes(outputs, study, dose, low, restored);
  }
  await outputs.settle();
  // Doses came as they were done.
  rows.sort((a, b) => a.dose - b.dose);
  shown.sort((a, b) => a.dose - b.dose);

  const report = makeReport(study, rows, shown);
  await outputs.writeText(
    "table.csv",
    toCsv(
      rows.map((row) => ({ ...row })),
      COLUMNS,
    ),
  );
  await outputs.writeText("report.html", report.html);
  await outputs.writeText("report.md", report.markdown);
  await outputs.writeBytes("montage.png", report.png);
  const { scans, seg, brain, atlas, models: _, out, ...plain } = options;
  const facts = provenance({
    task: "dose study",
    date: new Date().toISOString(),
    platform: { node: process.version, os: `${platform()} ${arch()}`, cpu: cpus()[0]?.model ?? "unknown" },
    options: { ...plain, doses },
    seed: options.seed,
    inputs: [...files, ...(await Promise.all(models.map(recordModel)))],
    outputs: await outputs.records(),
    calibration: { ...study.calibration, unit: study.unit, noise: study.noise, affine: study.grid.affine },
    details: {
      case: study.id,
      remarks: study.remarks,
      registrations,
      restorers: [...new Set(rows.map(({ restorer }) => restorer))],
    },
  });
  await outputs.writeText(RECORD, `${JSON.stringify(facts, null, 2)}\n`);
  for (const line of summaryLines(study, rows)) say(line);
  say(`${rows.length} rows in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
}

/** The study as it was read is not kept. */
async function prepared(options: DemoOptions, task: Omit<DemoTask, "say">) {
  const { study, files, registrations, remarks } = await loadInputs(options, task);
  const ready = prepareStudy(study, { calibration: options.calibration });
  return { study: { ...ready, remarks: [...remarks, ...ready.remarks] }, files, registrations };
}

function describe({ id, grid, calibration, noise, remarks }: PreparedStudy): readonly string[] {
  const { method, gain, offset } = calibration;
  return [
    `${id}: ${grid.shape.join(" × ")} voxels`,
    ...remarks.map((remark) => `  ${remark}`),
    `  calibrated (${method}): gain ${gain.toPrecision(5)}, offset ${offset.toPrecision(4)}`,
    `  noise of the subtraction image: ${noise["highpass-mad"].toFixed(4)} (high-pass), ${noise.negatives.toFixed(4)} (negatives)`,
  ];
}

/** At most three doses that can be restored, among them the lowest. */
function shownDoses(doses: readonly number[]): readonly number[] {
  const restorable = [...new Set(doses)].filter((dose) => dose > 0 && dose < 1).sort((a, b) => a - b);
  if (restorable.length <= 3) return restorable;
  return [restorable[0]!, restorable[Math.floor(restorable.length / 4)]!, restorable[Math.floor(restorable.length / 2)]!];
}

/** The network, if there is one, else the restorer with the highest PSNR. */
function best(
  study: PreparedStudy,
  restored: Readonly<Record<string, Volume>>,
  rows: readonly DoseRow[],
  preferNetwork: boolean,
): { restorer: string; restored: Volume } {
  const candidates = rows.filter(
    ({ region, restorer }) => region === mainRegion(study) && restorer !== "beyond" && restorer !== "none",
  );
  const network = preferNetwork ? candidates.at(-1) : undefined;
  const { restorer } = network ?? candidates.reduce((a, b) => (b.psnr > a.psnr ? b : a));
  return { restorer, restored: restored[restorer]! };
}

function queueVolumes(
  outputs: Outputs,
  study: PreparedStudy,
  dose: number,
  low: Volume,
  restored: Readonly<Record<string, Volume>>,
): void {
  const level = dose.toFixed(2);
  outputs.queueVolume(`low_dose-${level}.nii.gz`, () => asScanned(study, low));
  for (const [name, volume] of Object.entries(restored))
    if (name !== "none")
      outputs.queueVolume(`restored_dose-${level}_${name.replaceAll(/[^\w.-]+/g, "-")}.nii.gz`, () => asScanned(study, volume));
}

/** Back on the pre-contrast scan's own grid and in its own intensities. */
function asScanned({ box, grid, unit }: PreparedStudy, { grid: part, data }: Volume): Volume {
  const scaled = { grid: part, data: new Float32Array(data.length) };
  for (let i = 0; i < data.length; i++) scaled.data[i] = data[i]! * unit;
  return uncrop(scaled, box, grid);
}
