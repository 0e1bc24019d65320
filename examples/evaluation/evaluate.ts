/** Measures restorers on pairs of scans: `npm run evaluate -- --help`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { GadoliniteError, isGadoliniteError } from "gadolinite";
import { writeFileAtomic } from "gadolinite/node";
import { htmlReport, provenance, toCsv, toMarkdown } from "gadolinite/report";
import { record } from "../demo/inputs.js";
import { COLUMNS, type EvaluationRow, evaluateCase } from "./evaluateCase.js";
import { summaryTables } from "./summary.js";

const USAGE = `npm run evaluate -- DIR… [options]   measures every classical restorer, and networks, on pairs of scans

Each DIR holds t1.nii.gz, t1ce.nii.gz and, where there is one, seg.nii.gz and brain.nii.gz.

  --labels 3,4           labels of the segmentations that enhance (default: every label but 0)
  --dose 0.1,0.33,0.9    simulated doses, with noise matched to each pair
  --seeds 3              how many times the noise is drawn
  --model FILE.onnx      a network with a model card; may be given more than once
  --out DIR              evaluation.csv, report.md, report.html (default: evaluation-out)
  --debug                show the stack of an error`;

const args = process.argv.slice(2);
const controller = new AbortController();
process.once("SIGINT", () => controller.abort());

try {
  if (args.includes("--help")) console.log(USAGE);
  else await evaluate();
} catch (error) {
  const known = isGadoliniteError(error) && !args.includes("--debug");
  console.error(known ? `Error: ${error.message}` : error);
  process.exitCode = isGadoliniteError(error, "aborted") ? 130 : 1;
}

async function evaluate(): Promise<void> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      labels: text,
      dose: { ...text, default: "0.1,0.33,0.9" },
      seeds: { ...text, default: "3" },
      model: { ...text, multiple: true, default: [] as string[] },
      out: { ...text, default: "evaluation-out" },
      debug: { type: "boolean" },
    },
  });
  if (positionals.length === 0)
    throw new GadoliniteError("out-of-range", "Give a folder with t1.nii.gz and t1ce.nii.gz, or several. See --help.");
  const doses = numbers("--dose", values.dose);
  const [seeds] = numbers("--seeds", values.seeds);
  const labels = values.labels === undefined ? undefined : numbers("--labels", values.labels);
  const rows: EvaluationRow[] = [];
  const inputs: Awaited<ReturnType<typeof record>>[] = [];
  for (const folder of positionals) {
    const options = {
      doses,
      seeds: Array.from({ length: seeds! }, (_, n) => n + 1),
      models: values.model,
      signal: controller.signal,
    };
    const result = await evaluateCase(folder, { ...options, ...(labels && { labels }) }, (line) => console.error(line));
    rows.push(...result.rows);
    inputs.push(...result.files);
  }
  await mkdir(values.out, { recursive: true });
  const tables = summaryTables(rows);
  const title = "Evaluation of restorers";
  const summary = `${positionals.length} pairs, ${values.seeds} draws of the noise. Low doses are linear mixtures with noise matched to each pair's own; every number is against the standard dose. In units of the brain's 95th percentile.`;
  const notice = "Not a medical device. For research only.";
  await writeFileAtomic(
    join(values.out, "evaluation.csv"),
    toCsv(
      rows.map((row) => ({ ...row })),
      [...COLUMNS],
    ),
  );
  await writeFileAtomic(
    join(values.out, "report.md"),
    [`# ${title}`, summary, `> ${notice}`, ...tables.map((table) => toMarkdown(table))].join("\n\n"),
  );
  const blocks = tables.map((table) => ({ kind: "table" as const, table }));
  await writeFileAtomic(
    join(values.out, "report.html"),
    htmlReport({ title, summary, notice, sections: [{ title: "By case and dose", blocks }] }),
  );
  const facts = provenance({
    task: "evaluation",
    date: new Date().toISOString(),
    options: { doses, seeds: seeds!, labels: labels ?? null },
    inputs: [...inputs, ...(await Promise.all(values.model.map(record)))],
  });
  await writeFileAtomic(join(values.out, "provenance.json"), `${JSON.stringify(facts, null, 2)}\n`);
  for (const table of tables) console.log(`${toMarkdown(table)}\n`);
}

function numbers(name: string, text: string): readonly number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!values.every(Number.isFinite))
    throw new GadoliniteError("out-of-range", `${name} takes numbers separated by commas, not "${text}".`);
  return values;
}
