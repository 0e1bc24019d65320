import { createRandom, type Random } from "../../internal/random.js";

/** What an initialiser may know of the tensor that it fills. */
export interface ParameterRole {
  readonly kind: "weight" | "bias";
  /** Inputs of one output element, and outputs that one input element reaches. */
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Fills a new parameter. Called once a parameter, in the order in which the network is built. */
export type Initialize = (data: Float32Array, role: ParameterRole) => void;

/** Seeded rules, each parameter from a stream of its own: adding a layer at the end changes nothing before it. */
function seeded(seed: number, fill: (data: Float32Array, role: ParameterRole, random: Random) => void): Initialize {
  let stream = 0;
  return (data, role) => fill(data, role, createRandom(seed, stream++));
}

/** PyTorch's default for convolutions and linear layers: uniform within ±1/√fanIn, biases too. */
export function uniformFanIn(seed: number): Initialize {
  return seeded(seed, (data, { fanIn }, random) => {
    const bound = 1 / Math.sqrt(fanIn);
    for (let i = 0; i < data.length; i++) data[i] = random.uniform(-bound, bound);
  });
}

/** Glorot and Bengio's normal rule: sd = gain · √(2 / (fanIn + fanOut)); biases 0. */
export function xavierNormal(seed: number, { gain = 1 }: { readonly gain?: number } = {}): Initialize {
  return seeded(seed, (data, { kind, fanIn, fanOut }, random) => {
    const sd = kind === "bias" ? 0 : gain * Math.sqrt(2 / (fanIn + fanOut));
    for (let i = 0; i < data.length; i++) data[i] = random.normal(0, sd);
  });
}

/** He's normal rule for rectifiers: sd = √(2 / fanIn); biases 0. */
export function heNormal(seed: number): Initialize {
  return seeded(seed, (data, { kind, fanIn }, random) => {
    const sd = kind === "bias" ? 0 : Math.sqrt(2 / fanIn);
    for (let i = 0; i < data.length; i++) data[i] = random.normal(0, sd);
  });
}
