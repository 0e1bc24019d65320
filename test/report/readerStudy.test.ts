import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerSheet, questionTable } from "../../src/report/answerSheet.js";
import type { Question } from "../../src/report/questions.js";
import { type Answer, readAnswers } from "../../src/report/readAnswers.js";
import { readerTable } from "../../src/report/readerTable.js";
import { type ReadingOrderOptions, readingOrder } from "../../src/report/readingOrder.js";
import { seed } from "../support/arbitraries.js";
import { parseCsvSlowly } from "./oracles.js";

const names = (letter: string, count: number) => Array.from({ length: count }, (_, n) => `${letter}${n}`);
const plan: ReadingOrderOptions = {
  cases: names("case ", 6),
  readers: ["A", "B"],
  arms: ["low", "restored", "standard"],
  seed: 1,
};
const questions: readonly Question[] = [
  { key: "quality", text: "Overall image quality", kind: "scale", low: 1, high: 5 },
  { key: "enough", text: "Sufficient for diagnosis", kind: "choice", choices: ["Yes", "No"] },
  { key: "seconds", text: "Reading time", kind: "number" },
  { key: "remark", text: "Remark", kind: "text" },
];
const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("readingOrder", () => {
  const anyPlan = fc.record({
    cases: fc.integer({ min: 1, max: 20 }).map((n) => names("c", n)),
    readers: fc.integer({ min: 1, max: 4 }).map((n) => names("r", n)),
    arms: fc.integer({ min: 1, max: 4 }).map((n) => names("a", n)),
    seed: seed(),
    design: fc.constantFrom("crossover" as const, "sequential" as const),
  });
  const countBy = <T>(list: readonly T[], key: (item: T) => string) => {
    const counts = new Map<string, number>();
    for (const item of list) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
    return [...counts.values()];
  };

  test("law: every reader reads every case once under every arm and once a session; codes tell nothing and none twice", () => {
    fc.assert(
      fc.property(anyPlan, (options) => {
        const readings = readingOrder(options);
        const { cases, readers, arms } = options;
        expect(readings).toHaveLength(cases.length * readers.length * arms.length);
        const once = [
          countBy(readings, (r) => `${r.reader} ${r.case} ${r.arm}`),
          countBy(readings, (r) => `${r.reader} ${r.case} ${r.session}`),
          countBy(readings, (r) => `${r.reader} ${r.session} ${r.position}`),
          countBy(readings, (r) => r.code),
        ];
        for (const counts of once) expect(new Set(counts)).toEqual(new Set([1]));
        for (const r of readings) {
          expect(r.code).toMatch(/^r\d{3,}$/);
          expect(r.earliestDay).toBe(10 * (r.session - 1));
        }
        expect(readingOrder(options)).toEqual(readings);
      }),
    );
  });

  test("law: in a crossover session the arms share the cases equally, to within one", () => {
    fc.assert(
      fc.property(anyPlan, (options) => {
        const readings = readingOrder({ ...options, design: "crossover" });
        for (const reader of options.readers)
          for (let session = 1; session <= options.arms.length; session++) {
            const own = readings.filter((r) => r.reader === reader && r.session === session);
            const counts = options.arms.map((arm) => own.filter((r) => r.arm === arm).length);
            expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          }
      }),
    );
  });

  test("sequential: one arm a session; another seed gives another order", () => {
    const readings = readingOrder({ ...plan, design: "sequential", washoutDays: 14 });
    expect(readings.every((r) => r.arm === plan.arms[r.session - 1])).toBe(true);
    expect(readings.at(-1)!.earliestDay).toBe(28);
    expect(readingOrder({ ...plan, seed: 2 })).not.toEqual(readingOrder(plan));
  });

  test("refuses", () => {
    const refuse = (change: object, message: RegExp) =>
      expect(() => readingOrder({ ...plan, ...change })).toThrowError(refusal("out-of-range", message));
    refuse({ cases: [] }, /cases must not be empty/);
    refuse({ readers: ["A", "A"] }, /"A" twice/);
    refuse({ seed: 0.5 }, /seed/);
    refuse({ design: "latin" }, /design/);
    refuse({ washoutDays: -1 }, /washoutDays/);
  });
});

/** A sheet with the answers that a function gives to each code, as a spreadsheet would save it. */
function fill(sheet: string, answer: (code: string) => readonly string[], separator = ","): string {
  const [header, ...lines] = parseCsvSlowly(sheet);
  const quote = (text: string) => (/[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [header!, ...lines.map((line) => [...line.slice(0, 3), ...answer(line[0]!)])]
    .map((line) => line.map((value) => quote(value ?? "")).join(separator))
    .join("\r\n");
}

describe("answerSheet and readAnswers", () => {
  const readings = readingOrder(plan);
  const sheet = answerSheet(readings, { reader: "B", questions });

  test("a sheet is in reading order and tells neither case nor arm", () => {
    const [header, ...lines] = parseCsvSlowly(sheet);
    expect(header).toEqual(["code", "session", "position", "quality", "enough", "seconds", "remark"]);
    expect(lines).toHaveLength(18);
    expect(lines.map(([, session, position]) => `${session}.${position}`).slice(5, 8)).toEqual(["1.6", "2.1", "2.2"]);
    expect(sheet).not.toMatch(/case|low|restored|standard/);
  });

  test("an empty sheet has no answers; a filled one has them under case and arm", () => {
    for (const { answers } of readAnswers(sheet, { readings, questions }))
      expect(answers).toEqual({ quality: null, enough: null, seconds: null, remark: null });
    const filled = fill(sheet, (code) => [String((Number(code.slice(1)) % 5) + 1), "yes", "61.5", 'dark, "noisy"\nlines']);
    const answers = readAnswers(filled, { readings, questions });
    expect(answers).toHaveLength(18);
    for (const a of answers) {
      expect(readings).toContainEqual({ ...a, answers: undefined });
      expect(a.answers).toEqual({
        quality: (Number(a.code.slice(1)) % 5) + 1,
        enough: "Yes",
        seconds: 61.5,
        remark: 'dark, "noisy"\nlines',
      });
    }
  });

  test("spreadsheets of other countries: semicolons, tabs, decimal commas, byte-order mark, columns in another order", () => {
    const plain = readAnswers(
      fill(sheet, () => ["3", "No", "61.5", ""]),
      { readings, questions },
    );
    const semicolons = `\ufeff${fill(sheet, () => ["3", "NO ", "61,5", ""], ";").replaceAll("\r\n", "\n")}`;
    expect(readAnswers(semicolons, { readings, questions })).toEqual(plain);
    expect(
      readAnswers(
        fill(sheet, () => ["3", "No", "61.5", ""], "\t"),
        { readings, questions },
      ),
    ).toEqual(plain);
    const turned = "remark,seconds,enough,quality,code\n,61.5,No,3,r007\n\n";
    expect(readAnswers(turned, { readings, questions })[0]!.answers).toEqual(plain[0]!.answers);
  });

  test("refuses what the plan does not allow, naming the line", () => {
    const header = "code,quality,enough,seconds,remark\n";
    const refuse = (csv: string, message: RegExp) =>
      expect(() => readAnswers(csv, { readings, questions })).toThrowError(refusal("bad-file", message));
    refuse("", /no column "code", "quality"/);
    refuse("code,quality\nr001,3", /no column "enough", "seconds", "remark"/);
    refuse(`${header}r001,6,Yes,1,`, /Line 2: "6" does not answer "quality"; allowed: 1 to 5/);
    refuse(`${header}r001,2.5,Yes,1,`, /quality/);
    refuse(`${header}r001,3,maybe,1,`, /Yes \/ No/);
    refuse(`${header}r001,3,Yes,soon,`, /a number/);
    refuse(`${header}r999,3,Yes,1,`, /"r999" is not in the plan/);
    refuse(`${header}r001,3,Yes,1,"a\nb"\nr001,3,Yes,1,`, /Line 4: the code "r001" stands there twice/);
    refuse(`${header}r001,3,Yes,1,"open`, /Line 2 has a quote/);
    refuse(`${header}r001,3,Yes,1,"a"b`, /Line 2 has a quote/);
  });

  test("law: any remark comes back as it was written", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 18, maxLength: 18 }), (remarks) => {
        let n = 0;
        const answers = readAnswers(
          fill(sheet, () => ["", "", "", remarks[n++]!]),
          { readings, questions },
        );
        answers.forEach((a, i) => expect(a.answers["remark"]).toBe(remarks[i]!.trim() || null));
      }),
    );
  });

  test("questions are checked", () => {
    const refuse = (question: Question, message: RegExp) =>
      expect(() => answerSheet(readings, { reader: "A", questions: [question] })).toThrowError(refusal("out-of-range", message));
    refuse({ key: "code", text: "", kind: "number" }, /taken/);
    refuse({ key: " x", text: "", kind: "number" }, /blanks/);
    refuse({ key: "x", text: "", kind: "scale", low: 5, high: 1 }, /rises/);
    refuse({ key: "x", text: "", kind: "choice", choices: ["yes"] }, /two choices/);
    refuse({ key: "x", text: "", kind: "choice", choices: ["yes", "Yes"] }, /differ only/);
    expect(() => answerSheet(readings, { reader: "C", questions })).toThrowError(refusal("out-of-range", /A, B/));
    expect(questionTable(questions).rows[0]).toEqual(["quality", "Overall image quality", "1 to 5"]);
  });
});

describe("readerTable", () => {
  const answer = (reader: string, name: string, arm: string, answers: Answer["answers"]): Answer => ({
    reader,
    case: name,
    arm,
    answers,
    code: "",
    session: 1,
    earliestDay: 0,
    position: 1,
  });
  /** One reader, n cases, two arms: the i-th answers. */
  const study = (first: readonly Answer["answers"][], second: readonly Answer["answers"][]) => [
    ...first.map((a, i) => answer("A", `c${i}`, "10 %", a)),
    ...second.map((a, i) => answer("A", `c${i}`, "30 %", a)),
  ];
  const repeat = <T>(...parts: readonly (readonly [number, T])[]) =>
    parts.flatMap(([n, value]) => Array.from({ length: n }, () => value));

  test("Chen's table 5: medians with quartiles, and yes/no counts of 22 scans", () => {
    const detect = [repeat([14, 3], [8, 4]), repeat([18, 3], [4, 4])];
    const enough = [repeat([10, "Yes"], [12, "No"]), repeat([19, "Yes"], [3, "No"])];
    const of = (arm: number) => detect[arm]!.map((quality, i) => ({ quality, enough: enough[arm]![i]!, seconds: i }));
    const table = readerTable(study(of(0), of(1)), { questions: questions.slice(0, 2) });
    expect(table.columns.map(({ label }) => label)).toEqual(["", "10 %", "30 %"]);
    expect(table.rows).toEqual([
      ["Overall image quality", { value: "3 [3; 4]" }, { value: "3 [3; 3]" }],
      ["Sufficient for diagnosis: Yes", { value: "10/22 (45 %)" }, { value: "19/22 (86 %)" }],
    ]);
  });

  test("numbers, several choices, empty fields, readers apart", () => {
    const list = [
      answer("A", "c", "x", { quality: 2, enough: "Yes", seconds: 10, kind: "a" }),
      answer("A", "d", "x", { quality: null, enough: "No", seconds: 20, kind: "b" }),
      answer("B", "c", "x", { quality: 5, enough: null, seconds: null, kind: "a" }),
    ];
    const kind: Question = { key: "kind", text: "Kind", kind: "choice", choices: ["a", "b", "c"] };
    const table = readerTable(list, { questions: [...questions, kind], by: "reader" });
    expect(table.columns.map(({ group }) => group)).toEqual([undefined, "A", "B"]);
    expect(table.rows.map((row) => row.map((c) => (typeof c === "object" && c ? c.value : c)))).toEqual([
      ["Overall image quality", "2 [2; 2] (n = 1)", "5 [5; 5]"],
      ["Sufficient for diagnosis: Yes", "1/2 (50 %)", null],
      ["Reading time", "15.0 ± 7.1", null],
      ["Kind: a", "1/2 (50 %)", "1/1 (100 %)"],
      ["Kind: b", "1/2 (50 %)", "0/1 (0 %)"],
      ["Kind: c", "0/2 (0 %)", "0/1 (0 %)"],
    ]);
  });

  test("tests pair the same reader and case, and leave out what one arm lacks", () => {
    const seen: unknown[] = [];
    const comparison = {
      pValue: (a: readonly number[], b: readonly number[]) => {
        seen.push([a, b]);
        return 0.01;
      },
      choicePValue: (b: number, c: number) => {
        seen.push([b, c]);
        return 0.5;
      },
      test: "some tests",
    };
    const list = study(
      [
        { quality: 1, enough: "Yes" },
        { quality: 2, enough: "Yes" },
        { quality: null, enough: "No" },
      ],
      [
        { quality: 3, enough: "No" },
        { quality: 4, enough: "Yes" },
        { quality: 5, enough: null },
      ],
    );
    const table = readerTable(list, { questions: questions.slice(0, 2), comparison });
    expect(seen).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [1, 0],
    ]);
    expect(table.rows.map((row) => row.at(-1))).toEqual([
      { value: "0.01", mark: "*" },
      { value: "0.50", mark: "" },
    ]);
  });

  test("refuses", () => {
    expect(() => readerTable([], { questions })).toThrowError(refusal("out-of-range", /no answer/));
    const comparison = { pValue: () => 1, choicePValue: () => 1, test: "t" };
    const one = [answer("A", "c", "x", {})];
    expect(() => readerTable(one, { questions, comparison })).toThrowError(refusal("out-of-range", /two arms/));
  });
});
