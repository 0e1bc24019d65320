import { type Backend, cpu, type Tensor, webgpu } from "../../src/backend/index.js";
import { fillNormal } from "../../src/internal/random.js";
import type { Graph } from "../../src/model/graph/graph.js";
import { conesGenerator, createModel, encodeGraph, heNormal, uniformFanIn, xavierNormal } from "../../src/model/index.js";
import { type Array64, evaluate } from "../../test/training/evaluate.js";

// Where the generator of CoNeS differs between devices: each layer's error against float64, beside that of a perfect float32 machine, which rounds
// each result and nothing else.
const [batch, width, height] = [2, 18, 13];
const x: Tensor = { dims: [batch, 2, height, width], data: new Float32Array(batch * 2 * height * width) };
fillNormal(x.data, 8);
const double = ({ dims, data }: Tensor): Array64 => ({ shape: dims, data: Float64Array.from(data) });

const options = { seed: 1, blocks: [1, 1, 1, 1], features: 2, pyramid: 4, width: 3, layers: 2 } as const;
// Made anew for each network: they draw one weight after another.
const rules = { uniformFanIn, heNormal, xavierNormal };
const watched = /(\.norm\.out|lateral\d\.out|smooth\d\.out|top\.out|code\.out|mlp\.\d\.out|^y)$/;

for (const [rule, initialize] of Object.entries(rules)) {
  const fixed = conesGenerator({ ...options, initialize: initialize(1), batch, patch: [width, height] });
  const open = conesGenerator({ ...options, initialize: initialize(1) });
  const graph = withoutRanges(fixed);
  const exact = evaluate(graph, { x: double(x) });
  const seen = graph.nodes
    .filter(({ operator, outputs: [name] }) => operator === "Cos" || operator === "Sin" || watched.test(name!))
    .map(({ outputs }) => outputs[0]!);
  const runs = {
    "perfect float32": evaluateInFloat32(graph, { x: double(x) }),
    "CPU, fixed size": await run(cpu({ threads: 1 }), fixed, seen),
    "CPU, open size": await run(cpu({ threads: 1 }), open, seen),
    "WebGPU, fixed size": await run(webgpu({ runtime: "native" }), fixed, seen),
    "WebGPU, open size": await run(webgpu({ runtime: "native" }), open, seen),
  };
  console.log(`\n${rule}: largest error of each layer, as a part of its r.m.s.`);
  console.log(
    `  ${"".padEnd(40)}${Object.keys(runs)
      .map((name) => name.padStart(20))
      .join("")}`,
  );
  for (const name of seen) {
    const errors = Object.values(runs).map((values) => worst(exact.get(name)!.data, values.get(name)!.data).toExponential(1));
    console.log(`  ${name.padEnd(40)}${errors.map((error) => error.padStart(20)).join("")}`);
  }
}

async function run(backend: Backend, graph: Graph, seen: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
  const session = await backend.load(
    createModel(encodeGraph({ ...graph, outputs: seen.map((name) => graph.values.get(name)!) })),
  );
  const results = await session.run({ x });
  await session.dispose();
  return new Map(Object.entries(results));
}

function worst(exact: Float64Array, data: ArrayLike<number>): number {
  const rms = Math.sqrt(exact.reduce((sum, v) => sum + v * v, 0) / exact.length);
  return exact.reduce((most, v, i) => Math.max(most, Math.abs(data[i]! - v)), 0) / rms;
}

/** Each value computed in float64 from rounded ones, then rounded. */
function evaluateInFloat32(graph: Graph, feeds: Readonly<Record<string, Array64>>): ReadonlyMap<string, Array64> {
  const values = new Map([...evaluate({ ...graph, nodes: [] }, feeds)]);
  for (const node of graph.nodes) {
    const result = evaluate({ ...graph, nodes: [node], initializers: new Map() }, Object.fromEntries(values)).get(
      node.outputs[0]!,
    )!;
    values.set(node.outputs[0]!, { shape: result.shape, data: result.data.map(Math.fround) });
  }
  return values;
}

/** Positions as constants: the evaluator has no Range. */
function withoutRanges(graph: Graph): Graph {
  const lengths = [width, height];
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter(({ operator, outputs }) => {
    if (operator !== "Range") return true;
    const length = lengths.shift()!;
    const data = BigInt64Array.from({ length }, (_, n) => BigInt(n));
    initializers.set(outputs[0]!, { type: "int64", shape: [length], data });
    return false;
  });
  return { ...graph, nodes, initializers };
}
