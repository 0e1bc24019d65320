/** The part of vitest that suites shared with pages use: tests run one after another, and what came of each is kept. */
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin as never);
export const expect = chai.expect as unknown as typeof import("vitest").expect;

export interface TestResult {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly error?: string;
}

type Work = () => unknown;
interface Entry {
  readonly name: string;
  readonly work: Work | undefined;
}
interface Group {
  readonly name: string;
  readonly skipped: boolean;
  readonly before: Work[];
  readonly after: Work[];
  readonly entries: (Entry | Group)[];
}

const newGroup = (name: string, skipped: boolean): Group => ({ name, skipped, before: [], after: [], entries: [] });
const root = newGroup("", false);
let current = root;

function declare(name: string, body: () => void, skipped = false): void {
  const outer = current;
  current = newGroup(name, skipped || outer.skipped);
  outer.entries.push(current);
  body();
  current = outer;
}

const add = (name: string, work: Work, skipped = false) =>
  void current.entries.push({ name, work: skipped || current.skipped ? undefined : work });

export const describe = Object.assign((name: string, body: () => void) => declare(name, body), {
  skipIf: (skipped: boolean) => (name: string, body: () => void) => declare(name, body, skipped),
});
export const test = Object.assign((name: string, work: Work) => add(name, work), {
  skipIf: (skipped: boolean) => (name: string, work: Work) => add(name, work, skipped),
});
export const beforeAll = (work: Work) => void current.before.push(work);
export const afterAll = (work: Work) => void current.after.push(work);

/** Runs all that was declared. */
export async function run(group: Group = root, path = ""): Promise<TestResult[]> {
  const results: TestResult[] = [];
  let broken: unknown;
  if (!group.skipped)
    try {
      for (const work of group.before) await work();
    } catch (error) {
      broken = error;
    }
  for (const entry of group.entries) {
    const name = path ? `${path} > ${entry.name}` : entry.name;
    if ("entries" in entry) {
      results.push(...(await run(entry, name)));
      continue;
    }
    if (!entry.work) {
      results.push({ name, state: "skipped" });
      continue;
    }
    // Printed where a page comes to no end.
    console.debug(name);
    try {
      if (broken) throw broken;
      await entry.work();
      results.push({ name, state: "passed" });
    } catch (error) {
      results.push({ name, state: "failed", error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  if (!group.skipped) for (const work of group.after) await work();
  return results;
}
