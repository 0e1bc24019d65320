import { GadoliniteError } from "../core/errors.js";
import type { Model } from "../model/model.js";
import { serveThread } from "../node/thread.js";
import type { LoadOptions, Session, Tensors } from "./backend.js";
import { type CpuOptions, cpu } from "./cpu.js";

/** What {@link cpuInThread} asks of its thread. */
export interface LoadRequest {
  readonly model: Model;
  readonly cpu: CpuOptions;
  readonly load: Omit<LoadOptions, "signal">;
}

let session: Session | undefined;

serveThread({
  async load({ model, cpu: options, load }: LoadRequest) {
    session = await cpu(options).load(model, load);
    const { run: _run, dispose: _dispose, ...described } = session;
    return { result: described };
  },
  async run(inputs: Tensors) {
    if (!session) throw new GadoliniteError("no-backend", "No model is loaded in this thread.");
    const outputs = await session.run(inputs);
    return { result: outputs, transfer: Object.values(outputs).map(({ data }) => data.buffer as ArrayBuffer) };
  },
  async dispose() {
    await session?.dispose();
    return { result: undefined };
  },
});
