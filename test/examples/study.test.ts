import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseOptions } from "../../examples/study/options.js";
import { runStudy } from "../../examples/study/runStudy.js";
import { absent } from "../backend/runtime.js";

const folder = mkdtempSync(join(tmpdir(), "gadolinite-study-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = async (args: string, signal = new AbortController().signal) => {
  const said: string[] = [];
  const claims = await runStudy(parseOptions(args.split(" ")), { signal, say: (line) => said.push(line) });
  return { claims, said: said.join("\n") };
};

describe.skipIf(absent)("npm run study", () => {
  const out = join(folder, "bone");
  // One step a training: what is checked is that the story runs, not that it is true.
  const TINY = `--recipe bone2022 --patients 3 --shape 28 --effort 0.0002 --threads 1 --out ${out}`;

  // Three trainings and a network of 16 predictions a window; on a busy machine more than the usual limit.
  test("stops with a checkpoint, goes on, and says of each claim whether it holds", { timeout: 240_000 }, async () => {
    await expect(run(TINY, AbortSignal.abort())).rejects.toThrowError();
    const { claims, said } = await run(TINY);
    expect(said).toMatch(/2 studies to learn from, 1 to be judged on/);
    expect(claims.match(/(holds|DOES NOT REPRODUCE) +Bône et al. 2022/g)).toHaveLength(3);
    expect(readdirSync(out).sort()).toEqual([
      "claims.json",
      "models",
      "picture.png",
      "provenance.json",
      "report.html",
      "report.md",
      "rows",
      "settings.json",
    ]);
    expect(readFileSync(join(out, "report.md"), "utf8")).toMatch(/As table 4 of Bône et al. 2022[\s\S]*As table 5/);
    // The same command again trains nothing and measures nothing.
    const again = await run(TINY);
    expect(again.said).not.toMatch(/steps in/);
    expect(again.claims).toBe(claims);
  });

  test("refuses", async () => {
    expect(() => parseOptions([])).toThrowError(/--recipe takes pinetz2024/);
    expect(() => parseOptions(["--recipe", "bone2022", "--effort", "0"])).toThrowError(/--effort takes a positive number/);
    expect(() => parseOptions(["--recipe", "bone2022", "--labels", "a"])).toThrowError(/--labels takes integers/);
    await expect(run(TINY.replace("--patients 3", "--patients 5"))).rejects.toThrowError(/a study with other settings/);
    await expect(run(`--recipe chen2025 --cohort ${join(folder, "nowhere")} --out ${join(folder, "none")}`)).rejects.toThrowError(
      /cohort's folder can't be read: ENOENT/,
    );
    await expect(run(`--recipe chen2025 --cohort ${folder} --out ${join(folder, "none")}`)).rejects.toThrowError(/three or more/);
  });
});
