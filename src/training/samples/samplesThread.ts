import { GadoliniteError } from "../../core/errors.js";
import { serveThread } from "../../node/thread.js";
import { patchSamples } from "./patchSamples.js";
import type { SampleSource } from "./prefetchSamples.js";
import { restorationSamples, type Samples } from "./restorationSamples.js";

// The thread's side of prefetchSamples.
let samples: Samples | undefined;

serveThread({
  async start(source: SampleSource) {
    samples = source.kind === "procedural" ? restorationSamples(source.options) : patchSamples(source.pairs, source.options);
    return { result: undefined };
  },

  async make(step: number) {
    if (!samples) throw new GadoliniteError("not-prepared", "The thread was not told what to make samples from.");
    const result = samples(step);
    return { result, transfer: Object.values(result).map(({ data }) => data.buffer as ArrayBuffer) };
  },
});
