import type { Backend } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import { decodeGraph } from "../model/graph/decode.js";
import { encodeGraph } from "../model/graph/encode.js";
import { subgraph } from "../model/graph/subgraph.js";
import { createModel, type Model } from "../model/model.js";
import { scatterChart } from "../report/scatterChart.js";
import { type PcaResult, pca } from "../statistics/pca.js";
import { type TsneResult, tsne } from "../statistics/tsne.js";

/** The conditions of a scan by their names in the model's card, e.g. `{ dose: 0.1, fieldStrengthT: 3, relaxivity: 4.5, noise: 0.03 }`. */
export type Conditions = Readonly<Record<string, number>>;

export interface EmbeddingAnalysis {
  readonly conditions: readonly Conditions[];
  /** e of each scan. */
  readonly embeddings: readonly Float32Array[];
  readonly pca: PcaResult;
  /** Absent where there are too few scans for the perplexity. */
  readonly tsne?: TsneResult;
}

export interface EmbeddingAnalysisOptions {
  readonly backend: Backend;
  /** Seed of t-SNE's start. */
  readonly seed: number;
  /** Perplexity of t-SNE. Default 30, or what the number of scans allows. */
  readonly perplexity?: number;
}

/**
 * What a conditional network makes of the conditions of many scans: its embedding of each, in the plane of most variance (PCA) and by neighbourhood (t-SNE).
 *
 * @param model of `conditionalUnet3d`, with its card
 * @param conditions two scans or more
 * @throws `bad-model` if the model has no card or no embedding, `out-of-range` for a scan that lacks a condition, and what `pca` and `tsne` throw
 * @see Pinetz et al. 2024, section 4.5 and figure 8
 * @example
 * const analysis = await embeddingAnalysis(model, conditions, { backend: cpu(), seed: 1 });
 */
export async function embeddingAnalysis(
  model: Model,
  conditions: readonly Conditions[],
  { backend, seed, perplexity = Math.max(1, Math.min(30, Math.ceil(conditions.length / 3) - 1)) }: EmbeddingAnalysisOptions,
): Promise<EmbeddingAnalysis> {
  const asked = model.card?.conditions;
  if (!asked) throw new GadoliniteError("bad-model", "The model's card tells of no conditions: there is nothing that it embeds.");
  const rows = conditions.map((scan, n) =>
    asked.values.map(({ name, offset, scale }) => {
      if (Object.hasOwn(scan, name)) return (scan[name]! - offset) / scale;
      throw new GadoliniteError("out-of-range", `Scan ${n} has no condition "${name}".`);
    }),
  );
  const session = await backend.load(createModel(encodeGraph(embeddingOf(model))));
  const x = { dims: [rows.length, asked.values.length], data: Float32Array.from(rows.flat()) };
  const output = Object.values(await session.run({ [asked.input]: x }))[0]!;
  await session.dispose();
  const width = output.dims[1]!;
  const embeddings = rows.map((_, n) => output.data.slice(n * width, (n + 1) * width));
  const neighbours = embeddings.length >= 4 && { tsne: tsne(embeddings, { seed, perplexity }) };
  return { conditions, embeddings, pca: pca(embeddings), ...neighbours };
}

/** The last linear layer of the embedding. */
function embeddingOf(model: Model) {
  const graph = decodeGraph(model.bytes);
  const layers = graph.nodes.filter(({ name }) => /^embedding\.\d+$/.test(name));
  const last = layers.at(-1);
  if (!last) throw new GadoliniteError("bad-model", `The network ${graph.name} has no layers called embedding.0, embedding.1 …`);
  return subgraph(graph, last.outputs[0]!);
}

/** Figure 8: PCA and t-SNE, coloured by each condition that varies. SVG by name. */
export function embeddingCharts({ conditions, pca: components, tsne: neighbours }: EmbeddingAnalysis): readonly {
  readonly name: string;
  readonly svg: string;
}[] {
  const names = Object.keys(conditions[0]!).filter((name) => new Set(conditions.map((scan) => scan[name])).size > 1);
  const share = (n: number) => `PC ${n + 1} (${Math.round(100 * components.varianceRatio[n]!)} %)`;
  const views = [
    { view: "PCA", labels: [share(0), share(1)], points: components.scores.map(([x, y]) => [x!, y!] as const) },
    ...(neighbours ? [{ view: "t-SNE", labels: ["t-SNE 1", "t-SNE 2"], points: neighbours.points }] : []),
  ];
  return views.flatMap(({ view, labels, points }) =>
    names.map((name) => ({
      name: `${view.toLowerCase()}-${name}`,
      svg: scatterChart({
        title: `Embedding of the conditions, ${view}`,
        x: { label: labels[0]! },
        y: { label: labels[1]! },
        valueLabel: name,
        points: points.map(([x, y], n) => ({ x, y, value: conditions[n]![name]! })),
      }),
    })),
  );
}
