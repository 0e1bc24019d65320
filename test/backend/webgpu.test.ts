import { afterEach, describe, expect, test, vi } from "vitest";
import { webgpu } from "../../src/backend/index.js";
import { createModel, encodeGraph, type Graph, graphBuilder, portable } from "../../src/model/index.js";
import { fullCard } from "../model/cards.js";
import { identityModel } from "../model/tinyOnnx.js";
import { fakeRuntime } from "./fakeRuntime.js";

const model = createModel(identityModel());

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock("onnxruntime-node");
  vi.doUnmock("onnxruntime-web/webgpu");
});

/** Gives the runtimes a fake each; says what each was asked for. */
function fakes() {
  const [native, web] = [fakeRuntime(), fakeRuntime()];
  vi.doMock("onnxruntime-node", () => native.ort);
  vi.doMock("onnxruntime-web/webgpu", () => web.ort);
  return { native: native.asked, web: web.asked };
}

describe("webgpu", () => {
  test("takes the runtime's own provider where there is no navigator.gpu", async () => {
    vi.stubGlobal("navigator", {});
    const asked = fakes();
    const session = await webgpu().load(model);
    expect(session).toMatchObject({ device: "webgpu", placement: "device" });
    expect(asked).toEqual({ native: [["webgpu"]], web: [] });
  });

  test("takes onnxruntime-web/webgpu where there is, unless told otherwise", async () => {
    vi.stubGlobal("navigator", { gpu: {} });
    const asked = fakes();
    await webgpu().load(model);
    expect(asked).toEqual({ native: [], web: [["webgpu"]] });
    await webgpu({ runtime: "native" }).load(model);
    expect(asked).toEqual({ native: [["webgpu"]], web: [["webgpu"]] });
    expect(() => webgpu({ runtime: "wgpu" as "web" })).toThrow(/runtime must be one of/);
  });

  test("a page without WebGPU learns why", async () => {
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("document", {});
    fakes();
    await expect(webgpu().load(model)).rejects.toMatchObject({
      code: "no-backend",
      message: expect.stringMatching(/navigator\.gpu is absent/),
    });
    vi.stubGlobal("isSecureContext", false);
    await expect(webgpu().load(model)).rejects.toThrow(/not a secure context: serve it over HTTPS/);
  });

  test("without its package it says what to install", async () => {
    vi.stubGlobal("navigator", { gpu: {} });
    vi.doMock("onnxruntime-web/webgpu", () => {
      throw new Error("Cannot find package");
    });
    await expect(webgpu().load(model)).rejects.toMatchObject({
      code: "no-backend",
      message: expect.stringMatching(/webgpu\(\) needs the package onnxruntime-web.*npm install/),
    });
  });

  test("replaces what WebGPU lacks, and holds the card's checksum against the bytes that came", async () => {
    const b = graphBuilder("up");
    const w = b.constant("w", { type: "float32", shape: [1, 1, 2, 2, 2], data: new Float32Array(8).fill(1) });
    const y = b.node("ConvTranspose", [b.input("image", ["n", 1, "k", "j", "i"]), w], { strides: { ints: [2, 2, 2] } });
    const graph: Graph = b.finish({ y });
    const bytes = encodeGraph(graph);
    const given: Uint8Array[] = [];
    vi.stubGlobal("navigator", {});
    const { ort } = fakeRuntime();
    const create = async (model: Uint8Array, options: object) => {
      given.push(model);
      return (ort.InferenceSession.create as (...args: unknown[]) => Promise<object>)(model, options);
    };
    vi.doMock("onnxruntime-node", () => ({ ...ort, InferenceSession: { create } }));
    await webgpu().load(createModel(bytes));
    await webgpu({ rewrite: false }).load(createModel(bytes));
    expect(given).toEqual([portable(bytes).bytes, bytes]);
    expect(given[0]).not.toEqual(bytes);
    const card = { ...fullCard, sha256: "0".repeat(64) };
    for (const rewrite of [true, false])
      await expect(webgpu({ rewrite }).load({ bytes, card })).rejects.toMatchObject({ code: "bad-model" });
    await webgpu().load({ bytes, card }, { checksum: false });
    expect(given.length).toBe(3);
  });
});
