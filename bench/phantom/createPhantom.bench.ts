import { voxelCount } from "../../src/index.js";
import { createPhantom } from "../../src/phantom/createPhantom.js";
import { compare } from "../support/compare.js";

// For information: the cost per voxel, and what a moved head and a second dose add. Goal: the default within 6 s of one core.
const shapes = [
  [48, 56, 48],
  [88, 104, 88],
  [176, 208, 176],
] as const;
const perMillion: string[] = [];
for (const shape of shapes) {
  const { cpu, voxels } = await cost(() => createPhantom({ seed: 1, shape }));
  perMillion.push(
    `  ${shape.join("×").padEnd(12)} ${cpu.toFixed(0).padStart(7)} ms of one core  ${(cpu / (voxels / 1e6)).toFixed(0)} ms/Mvoxel`,
  );
}
console.log(`phantom\n${perMillion.join("\n")}`);

const shape = [64, 76, 64] as const;
await compare("phantom, 64×76×64", {
  "one dose": () => createPhantom({ seed: 1, shape }),
  "three doses": () => createPhantom({ seed: 1, shape, doses: [0.1, 0.33, 1] }),
  "moved head": () => createPhantom({ seed: 1, shape, misregistration: { rotationDeg: [1, 0, 0] } }),
  "no lesions": () => createPhantom({ seed: 1, shape, lesions: [] }),
});

async function cost(task: () => ReturnType<typeof createPhantom>) {
  await task();
  const before = process.cpuUsage();
  const { preContrast } = await task();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, voxels: voxelCount(preContrast.grid) };
}
