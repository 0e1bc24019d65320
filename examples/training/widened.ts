import { GadoliniteError } from "gadolinite";
import type { Graph, WeightTensor } from "gadolinite/model";

type Weights = ReadonlyMap<string, WeightTensor>;

/**
 * Weights for a conditional U-Net of more features that computes what a narrower one does: its channels come first and see nothing of the new ones, which
 * start from the wider network's own weights and are nowhere read yet. So a training goes on from there, and loses nothing.
 *
 * @param wide the wider network, with weights to begin with
 * @param narrow the weights of a network that differs in `features` alone
 * @see Chen, Goodfellow & Shlens 2016, "Net2Net": networks grown without a change of what they compute
 */
export function widened({ parameters, initializers }: Graph, narrow: Weights): Weights {
  for (const name of narrow.keys())
    if (!initializers.has(name))
      throw new GadoliniteError(
        "bad-model",
        `The wider network has no ${name}: a block of it hands on as many channels as it gives.`,
      );
  return new Map(
    parameters.map((name) => {
      const to = initializers.get(name)!;
      const from = narrow.get(name) ?? passedOn(name, narrow);
      if (!from || from.shape.length !== to.shape.length || from.shape.some((n, axis) => n > to.shape[axis]!))
        throw new GadoliniteError("bad-model", `The narrower network has no ${name} that fits into [${to.shape.join(", ")}].`);
      const data = Float32Array.from(to.data as Float32Array);
      const [outputs, inputs = 1, ...kernel] = to.shape as [number, ...number[]];
      const [oldOutputs, oldInputs = 1] = from.shape as [number, ...number[]];
      const size = kernel.reduce((product, n) => product * n, 1);
      // A gate sees the maps from below first and then the skip, whose new channels are the last of each.
      const shift = /\.gate\d\.weight$/.test(name) ? outputs - oldOutputs : 0;
      for (let o = 0; o < oldOutputs; o++) {
        data.fill(0, o * inputs * size, (o + 1) * inputs * size);
        for (let i = 0; i < oldInputs; i++) {
          const old = (o * oldInputs + i) * size;
          data.set(from.data.subarray(old, old + size) as Float32Array, (o * inputs + i + (i < oldOutputs ? 0 : shift)) * size);
        }
      }
      return [name, { dtype: "float32", shape: to.shape, data }] as const;
    }),
  );
}

/** What a block of as many channels in as out does in place of a 1³ convolution beside it: hands them on. */
function passedOn(name: string, narrow: Weights): WeightTensor | undefined {
  const beside = narrow.get(name.replace(".skip.", ".conv1."));
  if (!name.includes(".skip.") || !beside) return undefined;
  const channels = beside.shape[0]!;
  if (name.endsWith("bias")) return { dtype: "float32", shape: [channels], data: new Float32Array(channels) };
  const data = new Float32Array(channels * channels);
  for (let c = 0; c < channels; c++) data[c * channels + c] = 1;
  return { dtype: "float32", shape: [channels, channels, 1, 1, 1], data };
}
