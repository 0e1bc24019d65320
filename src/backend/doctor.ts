import { isGadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";
import { version } from "../internal/version.js";
import { conditionalUnet3d } from "../model/conditionalUnet3d.js";
import { encodeGraph } from "../model/graph/encode.js";
import { createModel, type Model } from "../model/model.js";
import type { SelfTest } from "../model/modelCard.js";
import type { Backend, Placement, Session } from "./backend.js";
import { cpu } from "./cpu.js";
import { cuda } from "./cuda.js";
import { inNode, nativeRuntime, type RuntimeModule, wasmRuntime } from "./runtimes.js";
import { runSelfTest } from "./selfTest.js";
import { wasm } from "./wasm.js";
import { webgpu } from "./webgpu.js";

/** A package of ONNX Runtime: its version, or why it can't be loaded. */
export interface RuntimeReport {
  readonly package: string;
  readonly version?: string;
  readonly reason?: string;
}

/** The adapter behind `navigator.gpu`; limits in bytes. */
export interface AdapterReport {
  /** Vendor, architecture and name, as far as the platform tells. */
  readonly name: string;
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

/** A backend that works, with its speed, or the reason why it doesn't. */
export interface BackendReport {
  readonly backend: string;
  readonly works: boolean;
  /** Why not, and what to do. */
  readonly reason?: string;
  readonly device?: string;
  /** Where the operations of the test's network ran. */
  readonly placement?: Placement;
  /** Time from the call of `load` to a session that has passed its self-test, in ms. */
  readonly loadMs?: number;
  /** Time of one 32³ patch through a conditional 3-D U-Net of 8 features, in ms: the median of the runs after the first. */
  readonly patchMs?: number;
}

export interface DoctorReport {
  readonly version: string;
  /** Such as `linux x64, Node 22.11.0`, or what a browser says of itself. */
  readonly platform: string;
  /** Logical processors, where the platform tells. */
  readonly processors?: number;
  /** In pages: whether several threads in WebAssembly are possible. */
  readonly crossOriginIsolated?: boolean;
  /** In pages: whether WebGPU is allowed at all. */
  readonly secureContext?: boolean;
  /** Where there is `navigator.gpu` and it finds one. */
  readonly adapter?: AdapterReport;
  readonly runtimes: readonly RuntimeReport[];
  readonly backends: readonly BackendReport[];
  /** What to install or change for more, a sentence each. */
  readonly advice: readonly string[];
}

export interface DoctorOptions {
  /** What to examine. Default: `cuda()`, `webgpu()`, `cpu()` and `wasm()`. */
  readonly backends?: readonly Backend[];
  /** Time for the timed runs of each backend, in ms; a run that has begun is ended, and at least one is timed. Default 1500. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Examines what can run models here, and how fast: each backend is started alone, computes a small network whose result is known, and is
 * timed. Nothing is printed or kept.
 *
 * @returns a plain object; a backend that doesn't work is a finding, not an error
 * @throws `aborted`
 * @example
 * const { backends, advice } = await doctor();
 */
export async function doctor({ backends, budgetMs = 1500, signal }: DoctorOptions = {}): Promise<DoctorReport> {
  const runtimes = [
    ...(inNode() ? [await examineRuntime("onnxruntime-node", "node", () => nativeRuntime("cpu()"))] : []),
    await examineRuntime("onnxruntime-web", "web", wasmRuntime),
  ];
  const network = testNetwork();
  const reports: BackendReport[] = [];
  for (const backend of backends ?? [cuda(), webgpu(), cpu(), wasm()]) {
    checkNotAborted(signal);
    reports.push(await examineBackend(backend, network, budgetMs, signal));
  }
  const page = pageOf();
  const adapter = await examineAdapter();
  return {
    version,
    ...platformOf(),
    ...page,
    ...(adapter && { adapter }),
    runtimes,
    backends: reports,
    advice: adviceFor(runtimes, reports, page),
  };
}

async function examineRuntime(name: string, key: string, load: () => Promise<RuntimeModule>): Promise<RuntimeReport> {
  try {
    const { env } = await load();
    return { package: name, version: env?.versions?.[key] ?? "unknown" };
  } catch (error) {
    return { package: name, reason: messageOf(error) };
  }
}

async function examineBackend(
  backend: Backend,
  network: Model,
  budgetMs: number,
  signal: AbortSignal | undefined,
): Promise<BackendReport> {
  const start = performance.now();
  let session: Session | undefined;
  try {
    session = await backend.load(network, signal ? { signal } : {});
    await runSelfTest(session, KNOWN);
    const loadMs = performance.now() - start;
    const patchMs = await timed(session, budgetMs, signal);
    const { device, placement } = session;
    return { backend: backend.name, works: true, device, ...(placement && { placement }), loadMs, patchMs };
  } catch (error) {
    if (isGadoliniteError(error, "aborted")) throw error;
    return { backend: backend.name, works: false, reason: messageOf(error) };
  } finally {
    await session?.dispose();
  }
}

const PATCH = 32;

async function timed(session: Session, budgetMs: number, signal: AbortSignal | undefined): Promise<number> {
  const inputs = {
    x: { dims: [1, 2, PATCH, PATCH, PATCH], data: new Float32Array(2 * PATCH ** 3).fill(0.1) },
    conditions: { dims: [1, 4], data: new Float32Array(4).fill(0.1) },
  };
  const run = async () => {
    const start = performance.now();
    await session.run(inputs, signal ? { signal } : {});
    return performance.now() - start;
  };
  const end = performance.now() + budgetMs;
  // The first run plans memory and compiles shaders: it counts only where there is no time for another.
  const first = await run();
  const times: number[] = [];
  while (performance.now() < end && times.length < 50) times.push(await run());
  if (times.length === 0) return first;
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

const testNetwork = (): Model =>
  createModel(encodeGraph(conditionalUnet3d({ seed: 1, inputs: 2, features: 8, scales: 3, embedding: 8, output: "linear" })));

/** What the network computes: made with `makeSelfTest` on `cpu()`, in float32. */
const KNOWN: SelfTest = {
  seed: 1,
  inputs: { x: [1, 2, 16, 16, 16], conditions: [1, 4] },
  expected: {
    y: {
      dims: [1, 1, 16, 16, 16],
      mean: -0.1731679,
      rms: 0.1980237,
      values: [-0.1871949, 0.021313, -0.1970032, -0.1695695, -0.3362693, -0.0987316, -0.2110028, -0.1447769],
    },
  },
  tolerance: 1e-4,
};

interface Gpu {
  requestAdapter(): Promise<{
    readonly info?: Readonly<Record<"vendor" | "architecture" | "description", string | undefined>>;
    readonly limits: Pick<AdapterReport, "maxBufferSize" | "maxStorageBufferBindingSize">;
  } | null>;
}

async function examineAdapter(): Promise<AdapterReport | undefined> {
  const gpu = typeof navigator === "undefined" ? undefined : (navigator as { readonly gpu?: Gpu }).gpu;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (!adapter) return;
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const { vendor, architecture, description } = adapter.info ?? {};
  const name = [vendor, architecture, description].filter(Boolean).join(", ") || "unnamed";
  return { name, maxBufferSize, maxStorageBufferBindingSize };
}

function platformOf(): Pick<DoctorReport, "platform" | "processors"> {
  const count = typeof navigator === "undefined" ? undefined : navigator.hardwareConcurrency;
  const processors = count === undefined ? {} : { processors: count };
  if (!inNode()) return { platform: typeof navigator === "undefined" ? "unknown" : navigator.userAgent, ...processors };
  const { bun, deno } = process.versions as Readonly<Record<string, string | undefined>>;
  const engine = deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${process.versions.node}`;
  return { platform: `${process.platform} ${process.arch}, ${engine}`, ...processors };
}

/** What a page may do; empty outside of pages. */
function pageOf(): Pick<DoctorReport, "crossOriginIsolated" | "secureContext"> {
  if (inNode()) return {};
  const { crossOriginIsolated, isSecureContext } = globalThis;
  return { crossOriginIsolated: crossOriginIsolated === true, secureContext: isSecureContext === true };
}

function adviceFor(
  runtimes: readonly RuntimeReport[],
  backends: readonly BackendReport[],
  { crossOriginIsolated, secureContext }: Pick<DoctorReport, "crossOriginIsolated" | "secureContext">,
): readonly string[] {
  const advice: string[] = [];
  const absent = (name: string) => runtimes.some((runtime) => runtime.package === name && runtime.reason !== undefined);
  if (absent("onnxruntime-node")) advice.push("For the CPU, CUDA and WebGPU outside of browsers: npm install onnxruntime-node.");
  if (absent("onnxruntime-web")) advice.push("For WebAssembly, and for WebGPU in browsers: npm install onnxruntime-web.");
  if (secureContext === false) advice.push("For WebGPU serve the page over HTTPS or from localhost.");
  if (crossOriginIsolated === false)
    advice.push(
      "For several threads in WebAssembly serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.",
    );
  if (backends.some(({ works }) => works)) {
    const gpu = backends.some(({ works, backend }) => works && /cuda|webgpu/.test(backend));
    if (!gpu) advice.push("No GPU is in use: the reasons above say what is missing.");
  } else advice.push("Nothing here can run a network yet; volumes, doses, metrics and classical restorers work all the same.");
  return advice;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
