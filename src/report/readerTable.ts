import { GadoliniteError } from "../core/errors.js";
import { checkOneOf } from "../internal/check.js";
import { meanAndSd, percentOf } from "./doseTable.js";
import { formatNumber, formatPValue } from "./formatNumber.js";
import { checkQuestions, type Question } from "./questions.js";
import type { Answer } from "./readAnswers.js";
import { quantile } from "./sampleStatistics.js";
import type { Cell, Table, TableCell } from "./table.js";

export interface ReaderTableOptions {
  readonly questions: readonly Question[];
  /** Columns in their order. Default: in the order in which they first occur. */
  readonly arms?: readonly string[];
  /** `"pooled"`: all readers together; `"reader"`: a group of columns for each. Default `"pooled"`. */
  readonly by?: "pooled" | "reader";
  /** Compares the first two arms, over what both have an answer to. Default: no test. */
  readonly comparison?: {
    /** Paired grades or numbers, e.g. `(a, b) => wilcoxonSignedRank(a, b).pValue`. */
    readonly pValue: (first: readonly number[], second: readonly number[]) => number;
    /** Paired choices: the choice made only in the first arm, only in the second, e.g. `(b, c) => mcnemarMidP(b, c)`. */
    readonly choicePValue: (onlyFirst: number, onlySecond: number) => number;
    /** Names of both tests, for the note. */
    readonly test: string;
    /** Default 0.05. */
    readonly alpha?: number;
  };
  readonly caption?: string;
}

/**
 * Tells the answers of a reader study, a line for each question and a column for each arm: grades as median [first; third
 * quartile], choices as counts with their part of those who answered, numbers as mean ± standard deviation.
 *
 * A question of two choices has one line, for the first choice; one of more has a line for each. Remarks are not told. Empty
 * fields are left out; where that is so, n is written. Quartiles are linear between order statistics. In a pooled table with
 * tests each reader's reading counts as a pair of its own, which takes readings of one case for independent.
 *
 * @throws `out-of-range` if there is no answer, or a comparison needs two arms and there are fewer
 * @see Chen et al. 2025, Eur Radiol, tables 3 and 5; Bône et al. 2022, table 3
 * @example
 * toMarkdown(readerTable(answers, { questions }));
 */
export function readerTable(answers: readonly Answer[], options: ReaderTableOptions): Table {
  const { questions, by = "pooled", comparison, caption } = options;
  checkOneOf("by", by, ["pooled", "reader"]);
  checkQuestions(questions);
  if (answers.length === 0) throw new GadoliniteError("out-of-range", "There is no answer to tell.");
  const arms = options.arms ?? [...new Set(answers.map((a) => a.arm))];
  if (comparison && arms.length < 2)
    throw new GadoliniteError("out-of-range", `A comparison needs two arms, but there is only "${arms[0] ?? ""}".`);
  const groups = by === "reader" ? [...new Set(answers.map((a) => a.reader))] : [undefined];
  const rows = questions.flatMap(linesOf).map(({ label, question, choice }): TableCell[] => [
    label,
    ...groups.flatMap((reader) => {
      const own = answers.filter((a) => reader === undefined || a.reader === reader);
      const cells = arms.map((arm) => ({
        value: summary(
          own.filter((a) => a.arm === arm),
          question,
          choice,
        ),
      }));
      return comparison ? [...cells, testCell(own, arms, question, choice, comparison)] : cells;
    }),
  ]);
  return {
    ...(caption === undefined ? {} : { caption }),
    columns: [
      { label: "" },
      ...groups.flatMap((group) => [
        ...arms.map((label) => ({ label, align: "right" as const, ...(group && { group }) })),
        ...(comparison ? [{ label: `${arms[0]} vs. ${arms[1]}, p`, align: "right" as const, ...(group && { group }) }] : []),
      ]),
    ],
    rows,
    notes: [
      "Grades: median [first quartile; third quartile]. Choices: number of those who answered. Numbers: mean ± standard deviation.",
      ...(comparison ? [`${comparison.test}, * p < ${comparison.alpha ?? 0.05}.`] : []),
    ],
  };
}

interface Line {
  readonly label: string;
  readonly question: Question;
  readonly choice: string;
}

function linesOf(question: Question): readonly Line[] {
  if (question.kind === "text") return [];
  if (question.kind !== "choice") return [{ label: question.text, question, choice: "" }];
  const told = question.choices.length === 2 ? question.choices.slice(0, 1) : question.choices;
  return told.map((choice) => ({ label: `${question.text}: ${choice}`, question, choice }));
}

function summary(answers: readonly Answer[], question: Question, choice: string): string | null {
  const given = answers.map((a) => a.answers[question.key]).filter((v) => v !== null && v !== undefined);
  if (given.length === 0) return null;
  const missing = given.length < answers.length ? ` (n = ${given.length})` : "";
  if (question.kind === "choice") {
    const count = given.filter((v) => v === choice).length;
    return `${count}/${given.length} (${percentOf(Math.round((100 * count) / given.length) / 100)})`;
  }
  const numbers = given.map(Number);
  if (question.kind === "number") return meanAndSd(numbers, 1, 1) + missing;
  const [median, q1, q3] = [0.5, 0.25, 0.75].map((q) => formatNumber(quantile(numbers, q)));
  return `${median} [${q1}; ${q3}]${missing}`;
}

function testCell(
  answers: readonly Answer[],
  arms: readonly string[],
  { key, kind }: Question,
  choice: string,
  { pValue, choicePValue, alpha = 0.05 }: NonNullable<ReaderTableOptions["comparison"]>,
): Cell {
  const name = (a: Answer) => JSON.stringify([a.reader, a.case]);
  const of = (arm: string) =>
    new Map(answers.filter((a) => a.arm === arm && a.answers[key] != null).map((a) => [name(a), a.answers[key]!]));
  const [first, second] = [of(arms[0]!), of(arms[1]!)];
  const pairs = [...first].filter(([pair]) => second.has(pair)).map(([pair, answer]) => [answer, second.get(pair)!] as const);
  if (pairs.length === 0) return { value: formatPValue(Number.NaN) };
  const p =
    kind === "choice"
      ? choicePValue(
          pairs.filter(([a, b]) => a === choice && b !== choice).length,
          pairs.filter(([a, b]) => a !== choice && b === choice).length,
        )
      : pValue(
          pairs.map(([a]) => Number(a)),
          pairs.map(([, b]) => Number(b)),
        );
  return { value: formatPValue(p), mark: p < alpha ? "*" : "" };
}
