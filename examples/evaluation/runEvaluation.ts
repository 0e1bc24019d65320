import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "gadolinite/node";
import { type FileRecord, htmlReport, provenance, toCsv, toMarkdown } from "gadolinite/report";
import { chosenModels, recordModel } from "../support/models.js";
import { COLUMNS, type EvaluationRow, evaluateCase, loadCase } from "./evaluateCase.js";
import type { EvaluationOptions } from "./options.js";
import { summaryTables } from "./summary.js";

export interface EvaluationTask {
  readonly signal: AbortSignal;
  /** Takes a line about how far it is. */
  readonly say: (line: string) => void;
}

const TITLE = "Evaluation of restorers";
const NOTICE = "Not a medical device. For research only: a restored scan can hide a lesion or show one that is not there.";

/** Measures each case, and writes evaluation.csv, the report and the provenance; returns the tables as Markdown. */
export async function runEvaluation(
  { folders, models: given, out, ...options }: EvaluationOptions,
  { signal, say }: EvaluationTask,
): Promise<string> {
  const { doses, labels } = options;
  const seeds = Array.from({ length: options.seeds }, (_, n) => n + 1);
  const rows: EvaluationRow[] = [];
  const inputs: FileRecord[] = [];
  // What is wrong with the last case is better known before the first is measured.
  for (const folder of folders) await loadCase(folder, labels, signal);
  const models = await chosenModels(given, say);
  for (const folder of folders) {
    const result = await evaluateCase(folder, { doses, seeds, models, signal, ...(labels && { labels }) }, say);
    rows.push(...result.rows);
    inputs.push(...result.files);
  }
  const networks = await Promise.all(models.map(recordModel));

  const summary = `${folders.length} pairs, ${seeds.length} draws of the noise. Low doses are linear mixtures with noise matched to each pair's own; every number is against the standard dose. False signal: enhancement above 0.2 of the brain's 95th percentile where the true one, smoothed, is below 0.05; its part of the brain, and the largest group of such voxels.`;
  const tables = summaryTables(rows);
  const markdown = tables.map((table) => toMarkdown(table)).join("\n\n");
  const sections = [{ title: "By case and dose", blocks: tables.map((table) => ({ kind: "table" as const, table })) }];
  const facts = provenance({
    task: "evaluation",
    date: new Date().toISOString(),
    options: { ...options, labels: labels ?? null },
    inputs: [...inputs, ...networks],
  });
  await mkdir(out, { recursive: true });
  const write = (name: string, text: string) => writeFileAtomic(join(out, name), text);
  await write(
    "evaluation.csv",
    toCsv(
      rows.map((row) => ({ ...row })),
      COLUMNS,
    ),
  );
  await write("report.md", [`# ${TITLE}`, summary, `> ${NOTICE}`, markdown, ""].join("\n\n"));
  await write("report.html", htmlReport({ title: TITLE, summary, notice: NOTICE, sections }));
  await write("provenance.json", `${JSON.stringify(facts, null, 2)}\n`);
  return markdown;
}
