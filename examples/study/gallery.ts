/** Makes the pictures of docs/gallery from phantoms: `npx tsx examples/study/gallery.ts [folders of finished studies]`. */
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { labelMask, type Volume } from "gadolinite";
import { enhancementMask, enhancementSignal, normalizeNoise, revertSignal, subtract, synthesize } from "gadolinite/enhancement";
import { classicalRestorers, denoisedExtrapolation, restoreDose } from "gadolinite/inference";
import { writeFileAtomic } from "gadolinite/node";
import { createPhantom } from "gadolinite/phantom";
import { doseStudy, lowDoses, type PreparedStudy, prepareStudy } from "gadolinite/recipes";
import { type DoseResult, doseChart, type MontagePanel, montage } from "gadolinite/report";
import { BUNDLED, loadNetworks } from "../support/models.js";

const OUT = "docs/gallery";
const DOSES = [0.1, 0.33, 0.66];
/** Of a study's results. */
const SHOWN = ["picture.png", "psnr.svg", "t-sne-dose.svg"];

const { truth, ...phantom } = await createPhantom({ seed: 7, shape: [96, 114, 96], doses: [...DOSES, 1] });
const enhancing = truth.lesions.filter((lesion) => lesion.enhancing).map(({ label }) => label);
const networks = await loadNetworks([BUNDLED]);
const study = prepareStudy({ ...phantom, lesions: labelMask(truth.lesionLabels, enhancing) });
await mkdir(OUT, { recursive: true });
await picture("doses", dosePanels(study));
await picture("contrast-signal", signalPanels(study));
await picture("restorers", await restorerPanels(study));
await writeFileAtomic(join(OUT, "psnr-by-dose.svg"), await curve(study));
for (const folder of process.argv.slice(2))
  for (const name of await readdir(folder))
    if (SHOWN.includes(name)) await copyFile(join(folder, name), join(OUT, `${basename(folder)}-${name}`));

type Panels = Readonly<Record<string, Volume | MontagePanel>>;

/** What was really given above, what a linear mix makes of it below. */
function dosePanels({ pre, post, ...rest }: PreparedStudy): readonly Panels[] {
  const real = lowDoses({ pre, post, ...rest }, { doses: DOSES, seed: 1 });
  const simulated = lowDoses({ pre, post, ...rest, lows: [] }, { doses: DOSES, seed: 1 });
  const row = (lows: typeof real): Panels => ({
    "0 %": pre,
    ...Object.fromEntries(lows.map(({ dose, volume }) => [`${100 * dose} %`, volume])),
    "100 %": post,
  });
  return [row(real), row(simulated)];
}

/** The steps of Pinetz et al. from the standard dose to the target, and back to a scan. */
function signalPanels({ pre, post, brain }: PreparedStudy): readonly Panels[] {
  const difference = subtract(pre, post);
  const noise = normalizeNoise(difference, { brain });
  const mask = enhancementMask(noise.normalized, { sigma: noise.sigma });
  const signal = enhancementSignal(noise.normalized, mask);
  const window = { low: -0.5, high: 0.5 };
  const map = (volume: Volume): MontagePanel => ({ volume, window, colormap: "diverging" });
  return [
    {
      "pre-contrast": pre,
      subtraction: map(difference),
      normalised: map(noise.normalized),
      "CE mask": { volume: mask, window: { low: 0, high: 1 } },
      signal: map(signal),
      "pre + signal": synthesize(pre, revertSignal(signal, noise)),
    },
  ];
}

async function restorerPanels(study: PreparedStudy): Promise<readonly Panels[]> {
  const [low] = lowDoses(study, { doses: [0.33], seed: 1 });
  const scan = { ...study, low: low!.volume, dose: 0.33 };
  const panels: Record<string, Volume> = { "33 %": scan.low };
  for (const restorer of [...classicalRestorers(), denoisedExtrapolation(), ...networks].filter(({ name }) => name !== "none"))
    panels[restorer.name] = await restoreDose(restorer, scan);
  return [{ ...panels, "100 %": study.post }];
}

/** Without noise the low dose follows Chen's table 4; with it, restoring pays off at low doses. */
async function curve(study: PreparedStudy): Promise<string> {
  const results: DoseResult[] = [];
  const restorers = [...classicalRestorers(), ...networks];
  for await (const { rows } of doseStudy(study, { seed: 1, doses: [0.1, 0.2, 0.3, 0.5, 0.7, 0.9], restorers }))
    for (const { region, psnr, ...row } of rows)
      if (region === "box" && row.restorer !== "beyond") results.push({ ...row, metric: "psnr", value: psnr });
  return doseChart(results, { title: "A phantom's lesions by dose", metric: "psnr", label: "PSNR (dB)", baseline: "none" });
}

async function picture(name: string, rows: readonly Panels[]): Promise<void> {
  const png = montage(
    rows.map((row) => Object.values(row)),
    {
      window: { percentiles: [1, 99.8], of: study.post },
      slice: { through: study.lesions! },
      columnLabels: Object.keys(rows[0]!),
    },
  );
  await writeFileAtomic(join(OUT, `${name}.png`), png);
}
