import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import * as calibration from "../../src/calibration/index.js";
import * as dose from "../../src/dose/index.js";
import * as enhancement from "../../src/enhancement/index.js";
import * as filters from "../../src/filters/index.js";
import * as geometry from "../../src/geometry/index.js";
import * as core from "../../src/index.js";
import * as metrics from "../../src/metrics/index.js";
import * as report from "../../src/report/index.js";
import * as statistics from "../../src/statistics/index.js";
import { given, givenTo } from "./examples.given.js";

// The @example of every public function of these folders is run, with all their functions and the names of `given` at hand. Where an expression's
// line ends in a comment with a number, a list of numbers or a text in quotes, that must be its value, to the digits that are shown.
const folders = { core, geometry, filters, calibration, dose, enhancement, metrics, statistics, report };
const everything = Object.assign({}, ...Object.values(folders)) as Record<string, unknown>;

describe.each(Object.entries(folders))("examples of %s", (folder, exported) => {
  const examples = examplesIn(join("src", folder));
  const functions = Object.keys(exported).filter((name) => typeof (exported as Record<string, unknown>)[name] === "function");

  test.each(functions.filter((name) => examples.has(name)))("%s", async (name) => {
    await expectExample(examples.get(name)!, { ...everything, ...exported, ...given(), ...givenTo(name) });
  });

  if (folder === "metrics" || folder === "statistics" || folder === "report" || folder === "filters")
    test("every function has one", () => expect(functions.filter((name) => !examples.has(name))).toEqual([]));
});

/** The examples by the name of what they belong to. */
function examplesIn(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts")))
    for (const [, doc, name] of readFileSync(join(folder, file), "utf8").matchAll(DOCUMENTED)) {
      const example = /@example\n([\s\S]*)/.exec(doc!)?.[1];
      if (example) found.set(name!, example.replaceAll(/^\s*\* ?/gm, "").trim());
    }
  return found;
}

/** A comment, and the function or constant that it stands above. */
const DOCUMENTED = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export (?:async )?(?:function\*? |const )(\w+)/g;

async function expectExample(code: string, scope: Readonly<Record<string, unknown>>): Promise<void> {
  const collecting = code.replaceAll(
    VALUE,
    (_, expression: string, shown: string) => `collect(${expression}, ${JSON.stringify(shown)});`,
  );
  const { outputText } = ts.transpileModule(collecting, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const collect = (value: unknown, shown: string) => expectShown(value, shown);
  const names = Object.keys(scope).filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  // In a block of its own, so that an example may declare a name that is given to others.
  const run = new AsyncFunction("collect", ...names, `{ ${outputText} }`);
  await run(collect, ...names.map((name) => scope[name]));
}

const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => (...values: unknown[]) => Promise<void>;

/** A line that is an expression and a comment. */
const VALUE = /^(?!const |let |for |if |try |\}|\s)(.+); \/\/ (.+)$/gm;

function expectShown(value: unknown, shown: string): void {
  const text = /^"(.*?)(…?)"$/.exec(shown);
  if (text) expect(text[2] ? (value as string).slice(0, text[1]!.length) : value).toBe(JSON.parse(`"${text[1]}"`));
  if (!/^[-−\d[]/.test(shown)) return;
  const digits = shown.match(/[-−]?\d+(\.\d+)?/g)!;
  const numbers = [value].flat(9) as number[];
  expect(numbers.length, shown).toBe(shown.startsWith("[") ? digits.length : 1);
  numbers.forEach((number, n) => {
    expect(number, shown).toBeCloseTo(Number(digits[n]!.replace("−", "-")), digits[n]!.split(".")[1]?.length ?? 0);
  });
}
