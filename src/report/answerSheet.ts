import { GadoliniteError } from "../core/errors.js";
import { answerHint, checkQuestions, type Question, SHEET_COLUMNS } from "./questions.js";
import type { Reading } from "./readingOrder.js";
import type { Table } from "./table.js";
import { toCsv } from "./toCsv.js";

export interface AnswerSheetOptions {
  /** Whose sheet it is. */
  readonly reader: string;
  readonly questions: readonly Question[];
}

/**
 * Makes a reader's answer sheet as CSV: one line a reading in the order of reading, by code alone, with an empty field for each
 * question. It tells neither case nor arm.
 *
 * @param readings the plan, see {@link readingOrder}
 * @throws `out-of-range` if the reader has no reading, or the questions' keys are not their own
 * @example
 * const sheet = answerSheet(readings, {
 *   reader: "A",
 *   questions: [{ key: "quality", text: "Overall image quality", kind: "scale", low: 1, high: 5 }],
 * });
 */
export function answerSheet(readings: readonly Reading[], { reader, questions }: AnswerSheetOptions): string {
  checkQuestions(questions);
  const own = readings.filter((r) => r.reader === reader).sort((a, b) => a.session - b.session || a.position - b.position);
  if (own.length === 0)
    throw new GadoliniteError(
      "out-of-range",
      `"${reader}" reads nothing; the readers are ${[...new Set(readings.map((r) => r.reader))].join(", ") || "none"}.`,
    );
  return toCsv(
    own.map(({ code, session, position }) => ({ code, session, position })),
    [...SHEET_COLUMNS, ...questions.map(({ key }) => key)],
  );
}

/**
 * The questions as a table to be handed out with the sheets: key, question, what may be answered.
 *
 * @throws `out-of-range` if the questions' keys are not their own
 * @example
 * const page = toHtml(questionTable([{ key: "quality", text: "Overall image quality", kind: "scale", low: 1, high: 5 }]));
 */
export function questionTable(questions: readonly Question[]): Table {
  checkQuestions(questions);
  return {
    columns: [{ label: "Column" }, { label: "Question" }, { label: "Answer", align: "left" }],
    rows: questions.map((question) => [question.key, question.text, answerHint(question)]),
  };
}
