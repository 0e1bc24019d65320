import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, test, vi } from "vitest";
import { describeDoctor } from "../../src/backend/describeDoctor.js";
import { type Backend, cpu, doctor } from "../../src/backend/index.js";
import { GadoliniteError } from "../../src/index.js";
import { absent } from "./runtime.js";

afterEach(() => vi.unstubAllGlobals());

const failing: Backend = {
  name: "webgpu",
  load: () => Promise.reject(new GadoliniteError("no-backend", "There is no adapter.")),
};

/** Computes everything right, but for a factor. */
const wrong = (factor: number): Backend => ({
  name: "wrong",
  async load(model, options) {
    const session = await cpu({ threads: 1 }).load(model, options);
    return {
      ...session,
      async run(inputs, options) {
        const { y } = await session.run(inputs, options);
        return { y: { dims: y!.dims, data: y!.data.map((v) => factor * v) } };
      },
    };
  },
});

describe("doctor", () => {
  test.skipIf(absent)("finds what works, how fast, and why the rest doesn't", async () => {
    const report = await doctor({ backends: [failing, cpu({ threads: 1 })], budgetMs: 1 });
    expect(report.platform).toMatch(/^\w+ \w+, Node \d+\.\d+/);
    expect(report.runtimes[0]).toEqual({ package: "onnxruntime-node", version: expect.stringMatching(/^1\.\d+/) });
    expect(report.backends).toEqual([
      { backend: "webgpu", works: false, reason: "There is no adapter." },
      {
        backend: "cpu",
        works: true,
        device: "cpu",
        placement: "device",
        loadMs: expect.any(Number),
        patchMs: expect.any(Number),
      },
    ]);
    expect(report.backends[1]!.patchMs).toBeGreaterThan(0);
    expect(report.advice.join()).toMatch(/No GPU is in use/);
    // Plain: it survives JSON.
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    const text = describeDoctor(report);
    expect(text).toMatch(/✗ webgpu +There is no adapter\./);
    expect(text).toMatch(/✓ cpu +\d+\.\d ms \(cpu\); loaded in \d+ ms/);
  });

  test.skipIf(absent)("a backend that computes something else doesn't work", async () => {
    const { backends } = await doctor({ backends: [wrong(0), wrong(1.001), wrong(1)], budgetMs: 1 });
    expect(backends.map(({ works }) => works)).toEqual([false, false, true]);
    expect(backends[0]!.reason).toMatch(/Self-test on cpu: output "y" is off by 0\.\d/);
  });

  test("where nothing works, says what does", async () => {
    const { advice } = await doctor({ backends: [failing] });
    expect(advice.at(-1)).toMatch(/Nothing here can run a network yet/);
  });

  test("in a page, tells what the page may do, and the adapter's limits", async () => {
    vi.stubGlobal("document", {});
    vi.stubGlobal("crossOriginIsolated", false);
    vi.stubGlobal("isSecureContext", true);
    const info = { vendor: "acme", architecture: "one", description: "" };
    const adapter = { info, limits: { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 } };
    vi.stubGlobal("navigator", {
      userAgent: "Some browser",
      hardwareConcurrency: 8,
      gpu: { requestAdapter: async () => adapter },
    });
    const report = await doctor({ backends: [failing] });
    expect(report).toMatchObject({
      platform: "Some browser",
      processors: 8,
      crossOriginIsolated: false,
      secureContext: true,
      adapter: { name: "acme, one", maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 },
    });
    expect(report.advice.join()).toMatch(/Cross-Origin-Embedder-Policy/);
    expect(describeDoctor(report)).toMatch(
      /Cross-origin isolated: no\nSecure context: yes\nWebGPU adapter: acme, one; buffers to 256 MiB/,
    );
  });

  test("may be cancelled", async () => {
    await expect(doctor({ backends: [failing], signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  test("as a command, says how it is used", () => {
    const { stderr, status } = spawnSync(process.execPath, ["--import", "tsx", "src/backend/cli.ts", "cure"], {
      encoding: "utf8",
    });
    expect(stderr).toMatch(/^Usage: gadolinite doctor/m);
    expect(status).toBe(2);
  });
});
