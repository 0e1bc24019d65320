import { spawnSync } from "node:child_process";

type Task = () => unknown;

/**
 * Times tasks against each other in one run and prints each as a ratio to the first. Rounds are interleaved, so that a busy
 * machine is unfair to all alike; the median of the rounds counts.
 */
export async function compare(
  title: string,
  tasks: Readonly<Record<string, Task>>,
  { rounds = 7 } = {},
): Promise<Record<string, number>> {
  const names = Object.keys(tasks);
  const times: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const name of names) {
      const start = performance.now();
      await tasks[name]!();
      if (round >= 0) times[name]!.push(performance.now() - start);
    }
  const median = Object.fromEntries(names.map((name) => [name, medianOf(times[name]!)]));
  print(title, median);
  return median;
}

/**
 * Like {@link compare} with a Python peer measured in the same run: `python` is a program that prints, as its last line, the
 * milliseconds of its median round under each name as JSON. Says so and goes on where Python or a package is absent.
 */
export async function compareWithPython(
  title: string,
  tasks: Readonly<Record<string, Task>>,
  python: string,
  options?: { rounds?: number },
) {
  const median = await compare(title, tasks, options);
  const result = spawnSync("/usr/bin/python3", ["-c", python], { encoding: "utf8", maxBuffer: 1 << 26 });
  if (result.status !== 0) {
    console.log(`  (Python peer absent: ${(result.error?.message ?? result.stderr).trim().split("\n").at(-1)})`);
    return median;
  }
  const peers = JSON.parse(result.stdout.trim().split("\n").at(-1)!) as Record<string, number>;
  const all = { ...median, ...peers };
  print(`${title}, with Python`, all);
  return all;
}

function print(title: string, median: Readonly<Record<string, number>>): void {
  const entries = Object.entries(median);
  const first = entries[0]![1];
  console.log(`\n${title}`);
  for (const [name, ms] of entries)
    console.log(`  ${name.padEnd(36)} ${ms.toFixed(1).padStart(9)} ms  ${(ms / first).toFixed(2).padStart(7)} ×`);
}

const medianOf = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
