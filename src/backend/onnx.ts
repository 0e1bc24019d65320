import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from "onnxruntime-common";
import { GadoliniteError, isGadoliniteError } from "../core/errors.js";
import { checkNotAborted } from "../internal/check.js";
import { inspectModel, type ModelInfo, type ValueInfo } from "../model/inspectModel.js";
import type { Model } from "../model/model.js";
import { modelSha256 } from "../model/withCard.js";
import type { Backend, LoadOptions, Placement, RunOptions, Session, SessionValue, Tensors } from "./backend.js";
import { probeModel } from "./probeModel.js";
import { reason, remedy, runError } from "./remedies.js";
import type { RuntimeModule } from "./runtimes.js";
import { runSelfTest } from "./selfTest.js";
import { checkInputs } from "./tensors.js";

/** An ONNX Runtime: the module `onnxruntime-node`, `onnxruntime-web/webgpu`, or any other with these two. */
export interface OnnxRuntime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** An execution provider by its name, or with its own options. */
export type ExecutionProvider = string | { readonly name: string };

export interface OnnxOptions {
  /** What shall run the model. Each is asked for alone; one that doesn't start is an error, never a silent fallback. */
  readonly executionProviders: readonly ExecutionProvider[];
  /** Name of the backend in messages. Default: the names of the providers. */
  readonly name?: string;
  /** What its sessions call their device. Default: the names of the providers. */
  readonly device?: string;
  /** Further options of ONNX Runtime's session. */
  readonly sessionOptions?: Omit<InferenceSession.SessionOptions, "executionProviders">;
}

// The runtime's own lines on the console are muted (4: fatal ones only): what goes wrong is thrown.
const QUIET: InferenceSession.SessionOptions = { logSeverityLevel: 4 };

/**
 * A backend over an ONNX Runtime that the caller has loaded.
 *
 * Models take and give float32 tensors. `session.device` names the providers that were asked for and started. ONNX Runtime may still run
 * single operations on the CPU; `session.placement` tells whether it does, where one provider other than the CPU was asked for.
 *
 * @param ort the runtime's module; its own Tensor is used, since each bundle carries a registry of its own
 * @returns a backend whose `load` throws `bad-model` (bytes that are no model, another checksum, a failed self-test), `unsupported`
 *   (inputs that aren't float32, weights in another file), `no-backend` (a provider that doesn't start), and whose sessions' `run` throws
 *   `out-of-range` (wrong names, dimensions or lengths), `unsupported` (the device fails at it, or its memory is too small), `no-backend` (the
 *   device was lost, or after `dispose`)
 * @throws `out-of-range` if no provider is named
 * @example
 * const backend = onnx(await import("onnxruntime-web/webgpu"), { executionProviders: ["webgpu"] });
 */
export function onnx(ort: OnnxRuntime, { executionProviders, sessionOptions = {}, ...names }: OnnxOptions): Backend {
  if (executionProviders.length === 0)
    throw new GadoliniteError("out-of-range", 'Name an execution provider, e.g. executionProviders: ["cpu"].');
  const providers = executionProviders.map(nameOf).join("+");
  const { name = providers, device = providers } = names;
  return {
    name,
    async load(model, options = {}) {
      const started = await startModel(ort, model, { executionProviders, device, sessionOptions }, options);
      const session = sessionOf(ort, started, device);
      await checkStarted(session, model, options);
      return session;
    },
  };
}

/** A model that ONNX Runtime has started. */
export interface StartedModel {
  readonly session: InferenceSession;
  readonly info: ModelInfo;
  readonly placement?: Placement;
}

/** Checks a model and starts it. Throws what {@link onnx} says of `load`, but for the self-test. */
export async function startModel(
  ort: OnnxRuntime,
  model: Model,
  { executionProviders, device, sessionOptions = {} }: Omit<OnnxOptions, "name"> & { readonly device: string },
  { signal, checksum = true }: LoadOptions,
): Promise<StartedModel> {
  checkNotAborted(signal);
  const info = inspectModel(model.bytes);
  checkRunnable(info);
  if (checksum) await checkSha256(model);
  const create: Create = (bytes, executionProviders, session = {}) => {
    const extra = { ...sessionOptions.extra, session: { ...(sessionOptions.extra?.["session"] as object), ...session } };
    return ort.InferenceSession.create(unshared(bytes), { ...QUIET, ...sessionOptions, extra, executionProviders });
  };
  return { ...(await started(create, model.bytes, executionProviders, device)), info };
}

/** Runs the self-test of the model's card; a session that fails it, or was cancelled meanwhile, is disposed of. */
export async function checkStarted(session: Session, { card }: Model, { signal, selfTest = true }: LoadOptions): Promise<void> {
  try {
    checkNotAborted(signal);
    if (selfTest && card?.selfTest) await runSelfTest(session, card.selfTest);
    checkNotAborted(signal);
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

type Create = (bytes: Uint8Array, providers: readonly ExecutionProvider[], session?: object) => Promise<InferenceSession>;

type Started = Omit<StartedModel, "info">;

/** Starts the model; if that fails, tells by a model that is known to be good whether the provider or the model is to blame. */
async function started(
  create: Create,
  bytes: Uint8Array,
  providers: readonly ExecutionProvider[],
  device: string,
): Promise<Started> {
  // Of several providers the runtime drops those that don't start, so each is tried alone first.
  if (providers.length > 1) for (const provider of providers) await probe(create, provider);
  try {
    return await placed(create, bytes, providers);
  } catch (cause) {
    for (const provider of providers) await probe(create, provider);
    throw new GadoliniteError("bad-model", `ONNX Runtime (${device}) refuses the model: ${reason(cause)}`, { cause });
  }
}

/** The runtime doesn't say where it puts an operation, but refuses to put any on the CPU where it is told to. */
async function placed(create: Create, bytes: Uint8Array, providers: readonly ExecutionProvider[]): Promise<Started> {
  const names = providers.map(nameOf);
  if (names.every((name) => name === "cpu" || name === "wasm"))
    return { session: await create(bytes, providers), placement: "device" };
  if (names.length > 1) return { session: await create(bytes, providers) };
  try {
    return { session: await create(bytes, providers, { disable_cpu_ep_fallback: "1" }), placement: "device" };
  } catch (error) {
    if (!/fallback to CPU EP/i.test(String(error))) throw error;
    return { session: await create(bytes, providers), placement: "device and cpu" };
  }
}

async function probe(create: Create, provider: ExecutionProvider): Promise<void> {
  try {
    const session = await create(probeModel(), [provider]);
    await session.release();
  } catch (cause) {
    const name = nameOf(provider);
    throw new GadoliniteError("no-backend", `ONNX Runtime's "${name}" doesn't start: ${reason(cause)} ${remedy(name)}`, {
      cause,
    });
  }
}

function sessionOf(ort: OnnxRuntime, { session, info, placement }: StartedModel, device: string): Session {
  const runNow = async (inputs: Tensors): Promise<Tensors> => {
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { dims, data }]) => [name, new ort.Tensor("float32", unshared(data), dims)]),
    );
    const outputs = Object.entries(await session.run(feeds));
    const tensors = outputs.map(async ([name, output]) => {
      const data = (output.location === "cpu" ? output.data : await output.getData(true)) as Float32Array;
      return [name, { dims: [...output.dims], data }] as const;
    });
    return Object.fromEntries(await Promise.all(tensors));
  };
  return {
    device,
    ...(placement && { placement }),
    ...valuesOf(info),
    ...oneAfterAnother(session, device, {
      check: (inputs: Tensors) => checkInputs(info.inputs, inputs),
      runNow,
      onceFailed: device === "webgpu" && isWeb(ort),
    }),
  };
}

/** What a session tells of the model's inputs and outputs. */
export const valuesOf = ({ inputs, outputs }: ModelInfo): Pick<Session, "inputs" | "outputs"> => ({
  inputs: inputs.map(sessionValue),
  outputs: outputs.map(sessionValue),
});

const isWeb = ({ env }: RuntimeModule): boolean => env?.versions?.["web"] !== undefined;

interface Runner<Inputs, Outputs> {
  /** Throws unless the inputs are what the model takes. */
  readonly check: (inputs: Inputs) => void;
  readonly runNow: (inputs: Inputs) => Promise<Outputs>;
  /** Whether a failed run is the session's last: `onnxruntime-web/webgpu` 1.30 would block the page for good at the next one. */
  readonly onceFailed: boolean;
}

/** `run` and `dispose` of a session: calls may overlap, errors are typed, and after `dispose` there is nothing to run. */
export function oneAfterAnother<Inputs, Outputs>(
  session: InferenceSession,
  device: string,
  { check, runNow, onceFailed }: Runner<Inputs, Outputs>,
) {
  let last: Promise<unknown> = Promise.resolve();
  let disposed: Promise<void> | undefined;
  let failed = false;
  return {
    async run(inputs: Inputs, { signal }: RunOptions = {}): Promise<Outputs> {
      checkNotAborted(signal);
      if (disposed)
        throw new GadoliniteError("no-backend", `This session (${device}) was disposed of. Load the model again to run it.`);
      check(inputs);
      // One after another: the web builds refuse a run while another is going on.
      const job = last.then(() => {
        checkNotAborted(signal);
        if (failed && onceFailed)
          throw new GadoliniteError(
            "no-backend",
            `A run of this session (${device}) failed, after which ONNX Runtime can't run it again here. Dispose of it and load the model again.`,
          );
        return runNow(inputs).catch((cause: unknown) => {
          failed = true;
          throw cause;
        });
      });
      last = job.catch(() => undefined);
      const outputs = await job.catch((cause: unknown) => {
        throw isGadoliniteError(cause) ? cause : runError(device, cause);
      });
      checkNotAborted(signal);
      return outputs;
    },
    dispose(): Promise<void> {
      disposed ??= last.then(() => session.release());
      return disposed;
    },
  };
}

const sessionValue = ({ name, dims }: ValueInfo): SessionValue => (dims ? { name, dims } : { name });

function checkRunnable({ inputs, outputs, externalData }: ModelInfo): void {
  const other = [...inputs, ...outputs].find(({ elementType }) => elementType !== "float32");
  if (other)
    throw new GadoliniteError(
      "unsupported",
      `"${other.name}" of the model is ${other.elementType}, but tensors here are float32. Put a Cast behind the input, or before the output, in the model.`,
    );
  if (externalData)
    throw new GadoliniteError(
      "unsupported",
      "The model keeps weights in another file. Save it as one .onnx file, weights included.",
    );
}

/** Throws `bad-model` if the bytes are not those of the card. */
export async function checkSha256({ bytes, card }: Model): Promise<void> {
  if (!card?.sha256) return;
  const sha256 = await modelSha256(bytes);
  if (sha256 !== card.sha256)
    throw new GadoliniteError(
      "bad-model",
      `The model's SHA-256 is ${sha256}, but its card says ${card.sha256}: the file was changed, or the card is another model's.`,
    );
}

/** ONNX Runtime takes no view of shared memory. */
function unshared<T extends Uint8Array | Float32Array>(data: T): T {
  const shared = typeof SharedArrayBuffer !== "undefined" && data.buffer instanceof SharedArrayBuffer;
  return shared ? (data.slice() as T) : data;
}

const nameOf = (provider: ExecutionProvider): string => (typeof provider === "string" ? provider : provider.name);
