import { resolve } from "node:path";
import { expect, test } from "vitest";
import { startThread } from "../../src/node/thread.js";

const busy = () =>
  startThread(resolve("test/node/busyThread.ts"), { execArgv: ["--import", resolve("test/backend/fromSource.mjs")] });
const flag = () => new Int32Array(new SharedArrayBuffer(4));

test("a thread that is closed at work gives up its calls at once, and ends when the work is done", async () => {
  const thread = busy();
  const done = flag();
  const call = thread.call("work", { done, milliseconds: 300 });
  const closing = thread.close();
  await expect(call).rejects.toMatchObject({ code: "no-backend", message: "The thread has ended: it was closed." });
  expect(Atomics.load(done, 0)).toBe(0);
  await closing;
  expect(Atomics.load(done, 0)).toBe(1);
  await expect(thread.call("work", { done, milliseconds: 0 })).rejects.toMatchObject({ code: "no-backend" });
});

test("an idle thread is closed, and may be closed again", async () => {
  const thread = busy();
  expect(await thread.call("work", { done: flag(), milliseconds: 0 })).toBe("worked");
  await Promise.all([thread.close(), thread.close()]);
  await thread.close();
});

test("a thread that never began is closed, too", async () => {
  const thread = startThread("/nowhere/thread.js");
  await expect(thread.call("work", undefined)).rejects.toMatchObject({ code: "no-backend" });
  await thread.close();
});
