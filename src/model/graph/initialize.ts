import { createRandom, fillNormal } from "../../internal/random.js";

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
function seeded(fill: (data: Float32Array, role: ParameterRole, stream: number) => void): Initialize {
  let stream = 0;
  return (data, role) => fill(data, role, stream++);
}

/** Normal weights of this standard deviation, biases 0. */
function normalWeights(seed: number, sdOf: (role: ParameterRole) => number): Initialize {
  return seeded((data, role, stream) => {
    if (role.kind === "bias") return void data.fill(0);
    fillNormal(data, seed, stream);
    const sd = sdOf(role);
    for (let i = 0; i < data.length; i++) data[i] = data[i]! * sd;
  });
}

/** PyTorch's default for convolutions and linear layers: uniform within ±1/√fanIn, biases too. */
export function uniformFanIn(seed: number): Initialize {
  return seeded((data, { fanIn }, stream) => {
    const random = createRandom(seed, stream);
    const bound = 1 / Math.sqrt(fanIn);
    for (let i = 0; i < data.length; i++) data[i] = random.uniform(-bound, bound);
  });
}

/** Glorot and Bengio's normal rule: sd = gain · √(2 / (fanIn + fanOut)); biases 0. */
export function xavierNormal(seed: number, { gain = 1 }: { readonly gain?: number } = {}): Initialize {
  return normalWeights(seed, ({ fanIn, fanOut }) => gain * Math.sqrt(2 / (fanIn + fanOut)));
}

/** He's normal rule for rectifiers: sd = √(2 / fanIn); biases 0. */
export function heNormal(seed: number): Initialize {
  return normalWeights(seed, ({ fanIn }) => Math.sqrt(2 / fanIn));
}
