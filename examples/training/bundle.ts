/** Makes the model that this package brings out of a finished training: `npx tsx examples/training/bundle.ts training-out`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cpu, makeSelfTest } from "gadolinite/backend";
import { createModel, encodeGraph, halfWeights, modelSha256, withCard, withWeights } from "gadolinite/model";
import { writeFileAtomic } from "gadolinite/node";
import { readCheckpoint, trainedWeights } from "gadolinite/training";
import { contrastSmallWords } from "./contrastSmallWords.js";
import type { TrainingSettings } from "./options.js";
import { cardOf, network, taughtGraph } from "./runTraining.js";

const FILE = "src/models/contrast-small/contrast-small.onnx";

const [folder = "training-out"] = process.argv.slice(2);
const settings = JSON.parse(await readFile(join(folder, "settings.json"), "utf8")) as TrainingSettings;
const graph = taughtGraph(settings);
const state = readCheckpoint(graph, await readFile(join(folder, "checkpoint.safetensors")));
const bytes = encodeGraph(halfWeights(withWeights(network(settings), trainedWeights(graph, state))));
const session = await cpu().load(createModel(bytes));
const selfTest = await makeSelfTest(session, { inputs: { x: [1, 4, 16, 16, 16], conditions: [1, 3] }, seed: 1, tolerance: 1e-3 });
await session.dispose();
const card = { ...cardOf(settings, state, await modelSha256(bytes)), ...contrastSmallWords(settings, state.step), selfTest };
await writeFileAtomic(FILE, withCard(bytes, card));
console.log(`${FILE}: ${card.version}, ${(bytes.length / 1e6).toFixed(2)} MB`);
