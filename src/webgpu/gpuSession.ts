import type { TensorConstructor } from "onnxruntime-common";
import type { LoadOptions, RunOptions, Session, Tensor } from "../backend/backend.js";
import { checkSha256, checkStarted, oneAfterAnother, startModel, valuesOf } from "../backend/onnx.js";
import { webgpuRuntime } from "../backend/runtimes.js";
import { checkInputs } from "../backend/tensors.js";
import { checkWebgpu, rewritten } from "../backend/webgpu.js";
import { GadoliniteError } from "../core/errors.js";
import type { Model } from "../model/model.js";
import type { GpuDevice } from "./gpuDevice.js";
import { type GpuTensor, sizeOf } from "./gpuTensor.js";
import { read } from "./kernel.js";

/** Tensors by the names of the model's inputs: on the session's device, or on the CPU, from where they are copied. */
export type GpuInputs = Readonly<Record<string, GpuTensor | Tensor>>;

/** A model on a GPU device whose inputs and outputs may stay there. */
export interface GpuSession extends Pick<Session, "placement" | "inputs" | "outputs"> {
  /** ONNX Runtime's own: volumes that it is to work on are uploaded to this one. */
  readonly device: GpuDevice;
  /** As `Session.run`; the caller disposes of the outputs. */
  run(inputs: GpuInputs, options?: RunOptions): Promise<Readonly<Record<string, GpuTensor>>>;
  dispose(): Promise<void>;
}

export interface LoadOnGpuOptions extends LoadOptions {
  /** The device to run on; it must be the one that ONNX Runtime has, once it has one. Default: ONNX Runtime's. */
  readonly device?: GpuDevice;
}

/**
 * Loads a model on the GPU with `onnxruntime-web/webgpu`, which the caller installs, so that its tensors and volumes share a device: nothing is
 * copied between a kernel and the network. For browsers, Deno, and Node with the package `webgpu` as `navigator.gpu`.
 *
 * Operations that ONNX Runtime lacks on WebGPU are replaced by equal ones, as `webgpu()` of `gadolinite/backend` does.
 *
 * @throws as `webgpu().load` does; `no-backend` if ONNX Runtime already runs on another device
 * @example
 * const session = await loadOnGpu(model);
 * const pre = upload(session.device, scan);
 */
export async function loadOnGpu(model: Model, { device, ...options }: LoadOnGpuOptions = {}): Promise<GpuSession> {
  checkWebgpu();
  const ort = await webgpuRuntime();
  const executionProviders = [device ? { name: "webgpu", device } : "webgpu"];
  const sessionOptions = { preferredOutputLocation: "gpu-buffer" } as const;
  if (options.checksum ?? true) await checkSha256(model);
  const start = { executionProviders, device: "webgpu", sessionOptions };
  const { session, info, placement } = await startModel(ort, rewritten(model), start, { ...options, checksum: false });
  const own = (await ort.env?.webgpu?.device) as GpuDevice | undefined;
  if (!own || (device && own !== device)) {
    await session.release();
    throw new GadoliniteError(
      "no-backend",
      "ONNX Runtime already runs on another WebGPU device, and keeps it while this page or process lives. Upload to the device of its first session.",
    );
  }

  const runNow = async (inputs: GpuInputs) => {
    const feeds = Object.entries(inputs).map(([name, tensor]) => [name, ortTensor(ort.Tensor, tensor)]);
    const outputs = Object.entries(await session.run(Object.fromEntries(feeds)));
    return Object.fromEntries(
      outputs.map(([name, output]) => {
        const buffer = output.gpuBuffer as GpuTensor["buffer"];
        return [name, { dims: [...output.dims], buffer, device: own, dispose: () => output.dispose() }];
      }),
    );
  };
  const check = (inputs: GpuInputs) => checkInputs(info.inputs, inputs);
  const gpu = oneAfterAnother(session, "webgpu", { check, runNow, onceFailed: true });
  const loaded: GpuSession = { device: own, ...(placement && { placement }), ...valuesOf(info), ...gpu };
  await checkStarted(onCpu(loaded), model, options);
  return loaded;
}

function ortTensor(Tensor: TensorConstructor, tensor: GpuTensor | Tensor) {
  const dims = [...tensor.dims];
  if ("data" in tensor) return new Tensor("float32", tensor.data, dims);
  const { fromGpuBuffer } = Tensor as unknown as { fromGpuBuffer(buffer: unknown, options: object): object };
  return fromGpuBuffer(tensor.buffer, { dataType: "float32", dims });
}

/** The same session with tensors on the CPU, for the self-test. */
function onCpu(session: GpuSession): Session {
  return {
    ...session,
    device: "webgpu",
    async run(inputs, options) {
      const outputs = Object.entries(await session.run(inputs, options));
      const read = outputs.map(async ([name, output]) => [name, await downloaded(output)] as const);
      return Object.fromEntries(await Promise.all(read));
    },
  };
}

async function downloaded(tensor: GpuTensor): Promise<Tensor> {
  const data = new Float32Array(await read(tensor.device, tensor.buffer, 4 * sizeOf(tensor)));
  tensor.dispose();
  return { dims: tensor.dims, data };
}
