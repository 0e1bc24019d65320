import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { GadoliniteError } from "gadolinite";
import { cpu } from "gadolinite/backend";
import { writeFileAtomic } from "gadolinite/node";
import type { Claim, PreparedStudy } from "gadolinite/recipes";
import { htmlReport, montage, provenance, type Table, toMarkdown } from "gadolinite/report";
import { bonePlan } from "./bonePlan.js";
import { chenPlan } from "./chenPlan.js";
import { loadCohort } from "./cohort.js";
import type { StudyOptions, StudySettings } from "./options.js";
import { pinetzPlan } from "./pinetzPlan.js";
import type { Picture, StudyPlan, Told } from "./plan.js";
import { type TrainingTimes, trainSystems } from "./trainSystems.js";

export interface StudyTask {
  readonly signal: AbortSignal;
  /** Takes a line about how far it is. */
  readonly say: (line: string) => void;
}

/** Trains, measures and tells; returns the claims as lines. */
export async function runStudy({ settings, out, threads }: StudyOptions, task: StudyTask): Promise<string> {
  const plans = { pinetz2024: pinetzPlan, chen2025: chenPlan, bone2022: bonePlan } as const;
  return runPlan(
    plans[settings.recipe](settings) as StudyPlan<unknown>,
    { settings, out, ...(threads !== undefined && { threads }) },
    task,
  );
}

async function runPlan<Row>(
  plan: StudyPlan<Row>,
  { settings, out, threads }: StudyOptions,
  { signal, say }: StudyTask,
): Promise<string> {
  const backend = cpu(threads === undefined ? {} : { threads });
  const [models, results] = [join(out, "models"), join(out, "rows")];
  const text = await settingsText(join(out, "settings.json"), settings);
  const { train, test } = await loadCohort(settings, { ...plan, signal });
  // Only now: a mistyped cohort leaves nothing behind.
  for (const folder of [out, models, results]) await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(out, "settings.json"), text);
  say(`${train.length} studies to learn from, ${test.length} to be judged on.`);
  const { ready, times } = await trainSystems(plan.systems, train, { backend, folder: models, signal, say });

  const rows: Row[] = [];
  for (const [n, study] of test.entries()) {
    const path = join(results, `${study.id}.json`);
    const known = await readFile(path, "utf8").catch(() => undefined);
    const own = known === undefined ? await plan.measure(study, ready, signal) : (parse(known) as readonly Row[]);
    if (known === undefined) await writeFileAtomic(path, stringify(own));
    rows.push(...own);
    say(`${study.id}: measured, ${n + 1} of ${test.length}.`);
  }
  const told = await plan.tell(rows, test, ready, backend);
  // A patient's picture is never made: only phantoms are shown.
  const shown = settings.cohort === undefined ? test.find(({ lesions }) => lesions) : undefined;
  const picture = shown && { ...(await plan.show(shown, ready, signal)), study: shown };
  const claims = told.claims.map(claimLine);
  await writeReport(out, plan.title, settings, { ...told, times, ...(picture && { picture }) });
  for (const { session } of ready.flatMap((system) => system.models ?? [])) await session.dispose();
  return claims.join("\n");
}

const claimLine = ({ paper, claim, holds, evidence }: Claim): string =>
  `${holds ? "holds".padEnd(18) : "DOES NOT REPRODUCE"}  ${paper}: ${claim} ${evidence}`;

// JSON has no NaN.
const stringify = (value: unknown) =>
  JSON.stringify(value, (_, v) => (typeof v === "number" && !Number.isFinite(v) ? { number: String(v) } : v));
const parse = (json: string): unknown =>
  JSON.parse(json, (_, v) => (v && typeof v === "object" && typeof v.number === "string" ? Number(v.number) : v));

/** The settings as they are written; refuses a folder that holds others. */
async function settingsText(path: string, settings: StudySettings): Promise<string> {
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  const found = await readFile(path, "utf8").catch(() => undefined);
  if (found === undefined || found === text) return text;
  throw new GadoliniteError(
    "out-of-range",
    `${path} tells of a study with other settings. Give another --out, or the same options.`,
  );
}

interface Result extends Told {
  readonly times: TrainingTimes;
  readonly picture?: Picture & { readonly study: PreparedStudy };
}

const NOTICE =
  "Not a medical device. For research only. Small networks, trained for minutes: what they show is that a study can be repeated, not how good the methods are.";

async function writeReport(out: string, title: string, settings: StudySettings, result: Result): Promise<void> {
  const { tables, charts, claims, times, picture } = result;
  const write = (name: string, content: string | Uint8Array) => writeFileAtomic(join(out, name), content);
  const facts = provenance({
    task: "study",
    date: new Date().toISOString(),
    options: { ...settings },
    seed: settings.seed,
    details: { times },
  });
  const summary = claims.map(claimLine);
  const every: readonly Table[] = [...tables, budget(times)];
  for (const { name, svg } of charts) await write(`${name}.svg`, svg);
  const png = picture && pictureOf(picture);
  if (png) await write("picture.png", png);
  await write("claims.json", `${JSON.stringify(claims, null, 2)}\n`);
  await write(
    "report.md",
    [
      `# ${title}`,
      `> ${NOTICE}`,
      summary.map((line) => `- ${line}`).join("\n"),
      ...every.map((table) => toMarkdown(table)),
      "",
    ].join("\n\n"),
  );
  await write(
    "report.html",
    htmlReport({
      title,
      summary: summary.join("\n\n"),
      notice: NOTICE,
      sections: [
        { title: "Tables", blocks: every.map((table) => ({ kind: "table" as const, table })) },
        ...(charts.length > 0 ? [{ title: "Charts", blocks: charts.map(({ svg }) => ({ kind: "chart" as const, svg })) }] : []),
        ...(png && picture
          ? [{ title: "Picture", blocks: [{ kind: "picture" as const, png, alt: picture.caption, caption: picture.caption }] }]
          : []),
      ],
    }),
  );
  await write("provenance.json", `${JSON.stringify(facts, null, 2)}\n`);
}

function budget(times: TrainingTimes): Table {
  return {
    caption: "Trainings",
    columns: [{ label: "network" }, { label: "steps" }, { label: "seconds", decimals: 0 }],
    rows: Object.entries(times).map(([name, { steps, seconds }]) => [name, steps, seconds]),
  };
}

/** The slice with most lesion, all scans in one window. */
const pictureOf = ({ labels, panels, study }: NonNullable<Result["picture"]>): Uint8Array =>
  montage([panels], {
    window: { percentiles: [1, 99.8], of: study.post },
    slice: { through: study.lesions! },
    columnLabels: [...labels],
  });
