import { serveThread } from "../../src/node/thread.js";

/** Works for a while without looking up, as a runtime does, and then says so in memory that both see. */
serveThread({
  work: async ({ done, milliseconds }: { done: Int32Array; milliseconds: number }) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    Atomics.store(done, 0, 1);
    return { result: "worked" };
  },
});
