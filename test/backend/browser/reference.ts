import type { Tensor } from "../../../src/backend/index.js";

/** What a network of the suite gives on the CPU, computed by whoever serves the page. */
export async function fetchedReference(network: number): Promise<Tensor> {
  const response = await fetch(`/reference/${network}`);
  const { dims, values } = (await response.json()) as { dims: number[]; values: number[] };
  return { dims, data: Float32Array.from(values) };
}
