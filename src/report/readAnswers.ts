import { GadoliniteError } from "../core/errors.js";
import { type CsvLine, parseCsv } from "./parseCsv.js";
import { answerHint, checkQuestions, plain, type Question } from "./questions.js";
import type { Reading } from "./readingOrder.js";

export interface ReadAnswersOptions {
  /** The plan that the sheets were made from: the key to the codes. */
  readonly readings: readonly Reading[];
  readonly questions: readonly Question[];
}

/** What one reader answered to one reading. */
export interface Answer extends Reading {
  /** By the question's key; `null` where the field was left empty. */
  readonly answers: Readonly<Record<string, string | number | null>>;
}

/**
 * Reads a filled answer sheet and puts case and arm back to the codes.
 *
 * Columns may be in any order, commas, semicolons or tabs between them, decimal commas in numbers; choices are compared without
 * regard to capitals. Every line must belong to the plan and every answer must be allowed: a sheet is corrected by its reader,
 * never by guessing.
 *
 * @param csv text of the sheet, see {@link answerSheet}
 * @returns an answer for each line, in the sheet's order; readings without a line are missing
 * @throws `bad-file` if a column is missing, a code unknown or answered twice, or an answer not allowed: the message names the line
 * @example
 * const answers = sheets.flatMap((csv) => readAnswers(csv, { readings, questions }));
 */
export function readAnswers(csv: string, { readings, questions }: ReadAnswersOptions): readonly Answer[] {
  checkQuestions(questions);
  const [header, ...lines] = parseCsv(csv);
  const names = header?.fields.map((name) => name.trim()) ?? [];
  const missing = ["code", ...questions.map(({ key }) => key)].filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new GadoliniteError("bad-file", `The sheet has no column ${missing.map((m) => `"${m}"`).join(", ")}.`);
  const byCode = new Map(readings.map((reading) => [reading.code, reading]));
  const seen = new Set<string>();
  return lines.map((line) => {
    const field = (name: string) => line.fields[names.indexOf(name)]?.trim() ?? "";
    const code = field("code");
    const reading = byCode.get(code);
    if (!reading) throw new GadoliniteError("bad-file", `Line ${line.number}: the code "${code}" is not in the plan.`);
    if (seen.has(code)) throw new GadoliniteError("bad-file", `Line ${line.number}: the code "${code}" stands there twice.`);
    seen.add(code);
    return { ...reading, answers: Object.fromEntries(questions.map((q) => [q.key, readAnswer(field(q.key), q, line)])) };
  });
}

function readAnswer(text: string, question: Question, { number }: CsvLine): string | number | null {
  if (text === "") return null;
  if (question.kind === "text") return text;
  if (question.kind === "choice") {
    const choice = question.choices.find((c) => plain(c) === plain(text));
    if (choice !== undefined) return choice;
  } else if (/^[+-]?\d+([.,]\d+)?$/.test(text)) {
    const value = Number(text.replace(",", "."));
    if (question.kind === "number" || (Number.isInteger(value) && value >= question.low && value <= question.high)) return value;
  }
  throw new GadoliniteError(
    "bad-file",
    `Line ${number}: "${text}" does not answer "${question.key}"; allowed: ${answerHint(question)}, or nothing.`,
  );
}
