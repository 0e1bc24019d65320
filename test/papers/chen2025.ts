import { simulateDose } from "../../src/dose/index.js";
import { psnr } from "../../src/metrics/index.js";
import { type Answer, type Question, readerTable } from "../../src/report/index.js";
import { volumeOf } from "../support/arbitraries.js";
import { type PrintedNumber, percent } from "./rows.js";

const BEFORE = ["19.9", "20.8", "21.8", "23.0", "24.3", "25.9", "27.9", "30.4", "33.9", "39.9"];
const RESTORED = ["21.6", "23.0", "25.6", "28.4", "30.1", "31.8", "33.3", "35.1", "37.3", "41.4"];
const BEFORE_SSIM = ["0.562", "0.641", "0.717", "0.785", "0.845", "0.896", "0.936", "0.965", "0.985", "0.997"];
const RESTORED_SSIM = ["0.639", "0.726", "0.812", "0.881", "0.921", "0.947", "0.966", "0.979", "0.987", "0.993"];

/** "Before restoration" from its first number alone. */
function table4(): PrintedNumber[] {
  const [pre, post] = [0, 10 ** (-19.9 / 20)].map((v) => volumeOf([2, 1, 1], [v, v]));
  return BEFORE.map((printed, n) => {
    const db = psnr(post!, simulateDose(pre!, post!, { dose: n / 10 }), { dataRange: 1 });
    const from = n === 0 ? "taken as it is" : "PSNR(d) = PSNR(0) − 20·log10(1 − d)";
    return row("table 4", `PSNR before restoration, ${10 * n} %`, printed, db.toFixed(1), from);
  });
}

function table1(): PrintedNumber[] {
  const classes: [string, number, string][] = [
    ["intrameatal", 89, "43.8 %"],
    ["small", 35, "17.2 %"],
    ["medium", 53, "26.1 %"],
    ["moderately large", 17, "8.4 %"],
    ["large", 9, "4.4 %"],
    ["giant", 0, "0.0 %"],
  ];
  return classes.map(([what, scans, printed]) => row("table 1", what, printed, percent(scans / 203, 1), `${scans} of 203 scans`));
}

/** Answers to one yes/no question over the 22 scans that were read, told by the library's own table. */
function told(yes: number): string {
  const question: Question = { key: "q", text: "q", kind: "choice", choices: ["yes", "no"] };
  const answers = Array.from({ length: 22 }, (_, n): Answer => {
    const reading = { code: `r${n}`, reader: "r", session: 1, earliestDay: 0, position: n + 1, case: `${n}`, arm: "a" };
    return { ...reading, answers: { q: n < yes ? "yes" : "no" } };
  });
  const text = String((readerTable(answers, { questions: [question] }).rows[0]![1] as { value: string }).value);
  return text.replace(/^(\d+)\/22/, `${yes}/${22 - yes}`);
}

function table5(): PrintedNumber[] {
  const from = (yes: number) => `${yes} of 22 scans`;
  return [
    row("table 5", "enhancement pattern similar/different, 10 %", "7/15 (32 %)", told(7), from(7)),
    {
      ...row("table 5", "enhancement pattern similar/different, 30 %", "16/8 (73 %)", told(16), from(16)),
      verdict: "wrong",
      note: "22 scans were read; the text says six dissimilar ones, and 73 % is 16 of 22.",
    },
    row("table 5", "sufficient for diagnosis yes/no, 10 %", "10/12 (45 %)", told(10), from(10)),
    row("table 5", "sufficient for diagnosis yes/no, 30 %", "19/3 (86 %)", told(19), from(19)),
  ];
}

/** Where table 4 gains most and least, which the text says of "the lowest input dose (0%)" and, "gradually diminished", of the highest. */
function gains(): PrintedNumber[] {
  const rows = { PSNR: [BEFORE, RESTORED], SSIM: [BEFORE_SSIM, RESTORED_SSIM] } as const;
  return Object.entries(rows).flatMap(([metric, [before, restored]]) => {
    const gain = restored.map((value, n) => Number(value) - Number(before[n]));
    const at = (value: number) => `${10 * gain.indexOf(value)} %`;
    const from = `table 4: ${gain.map((g) => g.toFixed(metric === "PSNR" ? 1 : 3)).join(", ")}`;
    return [
      {
        ...row("results", `dose of the greatest gain in ${metric}`, "0 %", at(Math.max(...gain)), from),
        verdict: "wrong",
        note: "The text says that the gain falls from the lowest dose on; its table doesn't.",
      },
      row("results", `dose of the least gain in ${metric}`, "90 %", at(Math.min(...gain)), from),
    ];
  });
}

function text(): PrintedNumber[] {
  return [
    {
      ...row("abstract", "Dice of low-dose scans, 10 %", "0.673", "0.674", "the text to figure 4"),
      verdict: "wrong",
      note: "Abstract and text differ; which is right isn't to be told.",
    },
  ];
}

export const chen2025 = (): readonly PrintedNumber[] => [...table1(), ...table4(), ...gains(), ...table5(), ...text()];

function row(where: string, what: string, printed: string, recomputed: string, from: string): PrintedNumber {
  return { where, what, printed, recomputed, from, verdict: "agrees" };
}
