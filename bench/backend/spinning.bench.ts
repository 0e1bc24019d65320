import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { cpu, type Session } from "../../src/backend/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { conditionalUnet3d, createModel, encodeGraph } from "../../src/model/index.js";
import { compare } from "../support/compare.js";

// ONNX Runtime's waiting threads spin. What that gains where the cores are free, and what it costs where they are not.
const model = createModel(encodeGraph(conditionalUnet3d({ seed: 1, inputs: 2, features: 16, scales: 3, embedding: 16 })));
const x = { dims: [1, 2, 64, 64, 64], data: new Float32Array(2 * 64 ** 3) };
fillNormal(x.data, 1);
const conditions = { dims: [1, 4], data: new Float32Array(4).fill(0.1) };
const threads = availableParallelism();

const sessions = {
  "waiting threads spin": await cpu({ threads, spinning: true }).load(model),
  "waiting threads sleep": await cpu({ threads, spinning: false }).load(model),
};
const used = Object.fromEntries(Object.keys(sessions).map((name) => [name, [] as number[]]));
const task = (name: string, session: Session) => async () => {
  const before = process.cpuUsage();
  await session.run({ x, conditions });
  const { user, system } = process.cpuUsage(before);
  used[name]!.push((user + system) / 1000);
};
const tasks = Object.fromEntries(Object.entries(sessions).map(([name, session]) => [name, task(name, session)]));

const rounds = 9;
for (const busy of [0, threads]) {
  const others = Array.from(
    { length: busy },
    () => new Worker("let x = 0; for (;;) x = Math.sqrt(x + 1);", { eval: true, execArgv: [] }),
  );
  for (const list of Object.values(used)) list.length = 0;
  await compare(`conditional U-Net, 16 features, 64³, ${threads} threads, ${busy} other threads busy`, tasks, { rounds });
  if (busy === 0)
    for (const [name, list] of Object.entries(used))
      console.log(
        `  ${name.padEnd(36)} ${list
          .sort((a, b) => a - b)
          [rounds >> 1]!.toFixed(1)
          .padStart(9)} ms of processor time`,
      );
  await Promise.all(others.map((worker) => worker.terminate()));
}
await Promise.all(Object.values(sessions).map((session) => session.dispose()));
