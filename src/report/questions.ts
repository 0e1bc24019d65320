import { GadoliniteError } from "../core/errors.js";

interface QuestionBase {
  /** Short name: the column of the answer sheet. */
  readonly key: string;
  /** The question as the reader reads it. */
  readonly text: string;
}

/** A grade on a scale of whole numbers, e.g. Likert's 1 to 5. */
export interface ScaleQuestion extends QuestionBase {
  readonly kind: "scale";
  readonly low: number;
  readonly high: number;
}

/** One of several words, e.g. yes or no. */
export interface ChoiceQuestion extends QuestionBase {
  readonly kind: "choice";
  readonly choices: readonly string[];
}

/** A number, e.g. seconds or lesions. */
export interface NumberQuestion extends QuestionBase {
  readonly kind: "number";
}

/** A remark, which is kept but not evaluated. */
export interface TextQuestion extends QuestionBase {
  readonly kind: "text";
}

export type Question = ScaleQuestion | ChoiceQuestion | NumberQuestion | TextQuestion;

/** Columns of the answer sheet that are not questions. */
export const SHEET_COLUMNS = ["code", "session", "position"] as const;

/** Throws `out-of-range` unless the questions have keys of their own and something to answer. */
export function checkQuestions(questions: readonly Question[]): void {
  const keys: string[] = [...SHEET_COLUMNS];
  for (const question of questions) {
    const fault = faultOf(question, keys);
    if (fault) throw new GadoliniteError("out-of-range", `The question "${question.key}" ${fault}.`);
    keys.push(question.key);
  }
}

function faultOf(question: Question, taken: readonly string[]): string | undefined {
  if (question.key.trim() === "" || question.key !== question.key.trim()) return "needs a key without blanks around it";
  if (taken.includes(question.key)) return "has a key that is taken";
  if (
    question.kind === "scale" &&
    !(Number.isSafeInteger(question.low) && Number.isSafeInteger(question.high) && question.low < question.high)
  )
    return `needs a scale of whole numbers that rises, not ${question.low} to ${question.high}`;
  if (question.kind === "choice" && new Set(question.choices.map(plain)).size !== question.choices.length)
    return "has two choices that differ only by capitals or blanks";
  if (question.kind === "choice" && question.choices.length < 2) return "needs two choices or more";
  return undefined;
}

/** A word as it is compared: what readers type is not exact. */
export const plain = (text: string): string => text.trim().toLowerCase();

/** What may be written as an answer. */
export function answerHint(question: Question): string {
  switch (question.kind) {
    case "scale":
      return `${question.low} to ${question.high}`;
    case "choice":
      return question.choices.join(" / ");
    case "number":
      return "a number";
    case "text":
      return "";
  }
}
