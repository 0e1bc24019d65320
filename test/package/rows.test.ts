import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

// A folder may use its own row and the rows above it; `internal` serves all.
const ROWS = [
  ["core", "io", "node", "ndarray", "phantom"],
  ["geometry", "filters", "registration"],
  ["calibration", "dose", "enhancement"],
  ["model", "models", "backend", "inference", "training"],
  ["metrics", "statistics", "report", "webgpu"],
  ["recipes", "cohort"],
];
const rowOf = new Map(ROWS.flatMap((row, n) => row.map((folder) => [folder, n] as const)));

const source = resolve("src");
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^;"']*?from\s*["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;

const imports = files.flatMap((file) =>
  [...readFileSync(join(source, file), "utf8").matchAll(IMPORT)].map((match) => ({ file, target: (match[1] ?? match[2])! })),
);

const folderOf = (file: string) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "");

describe("rows", () => {
  test("every folder has a row", () => {
    const unknown = new Set(files.map(folderOf).filter((folder) => folder && folder !== "internal" && !rowOf.has(folder)));
    expect([...unknown]).toEqual([]);
    expect(imports.length).toBeGreaterThan(20);
  });

  test("imports only upward", () => {
    const wrong = imports
      .filter(({ file, target }) => file.includes("/") && target.startsWith("."))
      .map(({ file, target }) => ({
        from: folderOf(file),
        to: folderOf(relative(source, resolve(source, dirname(file), target))),
        file,
        target,
      }))
      .filter(({ from, to }) => from !== "internal" && to !== "internal" && rowOf.get(to)! > rowOf.get(from)!);
    expect(wrong).toEqual([]);
  });

  test("rooms are entered by the file, not by their index, and every relative import names its file", () => {
    const wrong = imports
      .filter(({ target }) => target.startsWith("."))
      .filter(({ file, target }) => {
        const path = resolve(source, dirname(file), target);
        return !target.endsWith(".js") || !existsSync(path.replace(/\.js$/, ".ts")) || /\/index\.js$/.test(target);
      });
    expect(wrong).toEqual([]);
  });

  test("only the node folder touches Node, only ndarray touches ndarray", () => {
    const outside = (pattern: RegExp, folder: string) =>
      imports.filter(({ file, target }) => pattern.test(target) && folderOf(file) !== folder);
    expect(outside(/^node:/, "node")).toEqual([]);
    expect(outside(/^ndarray/, "ndarray")).toEqual([]);
  });

  test("no folder depends on itself through another", () => {
    const edges = new Map<string, Set<string>>();
    for (const { file, target } of imports) {
      if (!target.startsWith(".") || !file.includes("/")) continue;
      const to = folderOf(relative(source, resolve(source, dirname(file), target)));
      const from = folderOf(file);
      // core and internal are one layer: checks throw core's errors.
      if (to && to !== from && !(["core", "internal"].includes(from) && ["core", "internal"].includes(to)))
        edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
    const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
      [...(edges.get(from) ?? [])].some((to) => to === goal || (!seen.has(to) && reaches(to, goal, seen.add(to))));
    expect([...edges.keys()].filter((folder) => reaches(folder, folder))).toEqual([]);
  });
});
