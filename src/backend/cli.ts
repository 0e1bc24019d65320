#!/usr/bin/env node
import { describeDoctor } from "./describeDoctor.js";
import { type DoctorReport, doctor } from "./doctor.js";
import { nativeRuntime } from "./runtimes.js";

// npx gadolinite doctor [--json]
const USAGE =
  "Usage: gadolinite doctor [--json]\n\nTells what can run models on this computer, how fast, and what to install for more.\n";

async function main([command, ...flags]: readonly string[]): Promise<number> {
  const help = command === undefined || command === "--help" || command === "-h";
  if (command !== "doctor" || flags.some((flag) => flag !== "--json")) {
    await write(help ? process.stdout : process.stderr, USAGE);
    return help ? 0 : 2;
  }
  await quietRuntime();
  const report: DoctorReport = await doctor();
  await write(process.stdout, flags.includes("--json") ? `${JSON.stringify(report, null, 1)}\n` : describeDoctor(report));
  return report.backends.some(({ works }) => works) ? 0 : 1;
}

/** What goes wrong is in the report; the runtime's own lines on the console would only come before it. */
async function quietRuntime(): Promise<void> {
  const runtime = await nativeRuntime("doctor").catch(() => undefined);
  if (runtime?.env) Object.assign(runtime.env, { logLevel: "fatal" });
}

const write = (stream: NodeJS.WriteStream, text: string) => new Promise<void>((done) => void stream.write(text, () => done()));

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  async (error: unknown) => {
    await write(process.stderr, `${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  },
);
