import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { type CpuInThreadOptions, cpuInThread } from "../../src/backend/cpuInThread.js";
import { graphBuilder } from "../../src/model/graph/builder.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { createModel } from "../../src/model/index.js";
import { contrastSmall } from "../../src/models/contrast-small/index.js";
import { fullCard } from "../model/cards.js";
import { identityModel } from "../model/tinyOnnx.js";
import { conformance } from "./conformance.js";
import { absent } from "./runtime.js";

// The thread starts from source, which it can't read by itself.
const fromSource = { execArgv: ["--import", resolve("test/backend/fromSource.mjs")] };
const backend = (options: CpuInThreadOptions = {}) => cpuInThread({ threads: 1, ...fromSource, ...options });

conformance("cpu({ worker: true })", backend, { tolerance: 2 ** -21, skip: absent });

/** A convolution that takes a while. */
const slowModel = () => {
  const b = graphBuilder("slow");
  const weight = (inputs: number) => ({
    type: "float32" as const,
    shape: [32, inputs, 5, 5, 5],
    data: new Float32Array(32 * inputs * 125),
  });
  const pads = { ints: [2, 2, 2, 2, 2, 2] };
  let y = b.node("Conv", [b.input("x", [1, 1, "k", "j", "i"]), b.constant("w", weight(1))], { pads });
  for (let n = 0; n < 2; n++) y = b.node("Conv", [y, b.constant("w", weight(32))], { pads });
  return createModel(encodeGraph(b.finish({ y })));
};
const x = { dims: [1, 1, 32, 32, 32], data: new Float32Array(32 ** 3) };
const image = { dims: [1, 1, 1, 1, 2], data: Float32Array.of(1, 2) };

describe.skipIf(absent)("cpu({ worker: true })", () => {
  test("leaves the event loop free while a network runs", async () => {
    const session = await backend().load(slowModel());
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await session.run({ x });
    clearInterval(timer);
    await session.dispose();
    // cpu() gives none between the run's begin and its end.
    expect(ticks).toBeGreaterThan(10);
  });

  test("a run is cancelled at once; the next one waits for it and is right", async () => {
    const session = await backend().load(slowModel());
    const controller = new AbortController();
    let over = false;
    const begun = session.run({ x }, { signal: controller.signal });
    const after = session.run({ x }).then((outputs) => {
      over = true;
      return outputs;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error("enough"));
    await expect(begun).rejects.toMatchObject({ code: "aborted", cause: new Error("enough") });
    expect(over).toBe(false);
    expect((await after)["y"]!.dims).toEqual([1, 32, 32, 32, 32]);
    await session.dispose();
  });

  test("a load is cancelled at once", async () => {
    const controller = new AbortController();
    const loading = backend().load(slowModel(), { signal: controller.signal });
    setTimeout(() => controller.abort());
    await expect(loading).rejects.toMatchObject({ code: "aborted" });
  });

  test("loads cancelled at any time leave the process alive", async () => {
    const model = await contrastSmall();
    for (let milliseconds = 100; milliseconds <= 600; milliseconds += 50) {
      const session = backend().load(model, { signal: AbortSignal.timeout(milliseconds) });
      const code = await session.then(
        (loaded) => loaded.dispose().then(() => "loaded"),
        (error: unknown) => (error as { code: string }).code,
      );
      expect(["aborted", "loaded"]).toContain(code);
    }
  });

  test("inputs stay the caller's, and may change once run was called", async () => {
    const session = await backend().load(createModel(identityModel()));
    const data = Float32Array.of(1, 2);
    const running = session.run({ image: { dims: [1, 1, 1, 1, 2], data } });
    data.fill(9);
    expect([...(await running)["restored"]!.data]).toEqual([1, 2]);
    expect([...data]).toEqual([9, 9]);
    await session.dispose();
  });

  test("keeps the model's bytes the caller's, and hands on what load is told", async () => {
    // As readFile gives them.
    const bytes = Buffer.from(identityModel().buffer);
    const before = new Uint8Array(bytes);
    const card = { ...fullCard, sha256: "0".repeat(64) };
    await expect(backend().load({ bytes, card })).rejects.toMatchObject({ code: "bad-model", gadolinite: true });
    const session = await backend().load({ bytes, card }, { checksum: false });
    expect(new Uint8Array(bytes)).toEqual(before);
    await session.dispose();
  });

  test("a thread that ends is an error, not a silence", async () => {
    await expect(backend({ execArgv: ["--import", "/nowhere.js"] }).load(createModel(identityModel()))).rejects.toMatchObject({
      code: "no-backend",
      message: expect.stringMatching(/The thread has ended/),
    });
  });

  test("disposal waits for a run that has begun", async () => {
    const session = await backend().load(createModel(identityModel()));
    const running = session.run({ image });
    await session.dispose();
    expect((await running)["restored"]!.data).toEqual(image.data);
  });

  // One file a module, as the package is built. The session is not disposed of: an idle thread lets the process end.
  test.each([
    ["esm", "module", "await import"],
    ["cjs", "commonjs", 'require("node:module").createRequire(__filename)'],
  ] as const)("the thread finds its file when built as %s", (format, type, load) => {
    const folder = mkdtempSync(join(tmpdir(), "gadolinite-thread-"));
    try {
      const files = readdirSync("src", { recursive: true, encoding: "utf8" });
      const entryPoints = files
        .filter((file) => /^(core|internal|io|node|model|backend)\/.*\.ts$/.test(file))
        .map((file) => join("src", file));
      buildSync({ entryPoints, outbase: "src", outdir: folder, format, platform: "node", target: "es2022", logLevel: "error" });
      symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
      writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
      writeFileSync(
        join(folder, "main.js"),
        `(async () => {
          const { cpu } = ${load}("./backend/cpu.js");
          const session = await cpu({ worker: true, threads: 1 }).load({ bytes: Buffer.from("${Buffer.from(identityModel()).toString("base64")}", "base64") });
          const { restored } = await session.run({ image: { dims: [1, 1, 1, 1, 2], data: Float32Array.of(3, 4) } });
          const code = await session.run({}).catch((error) => error.code);
          console.log([...restored.data].join(), code);
        })();`,
      );
      const { stdout, stderr, status } = spawnSync(process.execPath, ["main.js"], {
        cwd: folder,
        encoding: "utf8",
        timeout: 60_000,
      });
      expect(stdout.trim(), stderr).toBe("3,4 out-of-range");
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
