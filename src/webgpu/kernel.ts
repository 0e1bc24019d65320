import { GadoliniteError } from "../core/errors.js";
import type { GpuBuffer, GpuDevice } from "./gpuDevice.js";

/** A compute shader: its name, what it is given, and what thread `n` of `p.threads` does. */
export interface Kernel {
  readonly name: string;
  /** Numbers that each call brings, read as `p.name`. */
  readonly params?: Readonly<Record<string, "u32" | "i32" | "f32">>;
  /** Arrays that are read, by name, with the type of their elements. */
  readonly reads?: Readonly<Record<string, string>>;
  /** Arrays that are written, and may be read too. */
  readonly writes: Readonly<Record<string, string>>;
  /** Functions and constants. */
  readonly declarations?: string;
  readonly body: string;
}

/** A part of a buffer, in bytes; all of it where no offset is given. Offsets are multiples of {@link ALIGNMENT}. */
export interface Binding {
  readonly buffer: GpuBuffer;
  readonly offset?: number;
  readonly size?: number;
}

/** Where bindings may begin, on every device. */
export const ALIGNMENT = 256;

export interface Call {
  readonly threads: number;
  readonly params?: Readonly<Record<string, number>>;
  /** Those of `reads`, then those of `writes`, in their order. */
  readonly bindings: readonly Binding[];
}

const WORKGROUP = 64;
const [COPY_SRC, COPY_DST, UNIFORM, STORAGE, MAP_READ] = [4, 8, 64, 128, 1];

interface DeviceState {
  readonly pipelines: Map<Kernel, GPUComputePipeline>;
  trouble?: string;
}

// Compiled once a device, and gone with it.
const states = new WeakMap<GpuDevice, DeviceState>();

function stateOf(device: GpuDevice): DeviceState {
  const state = states.get(device) ?? { pipelines: new Map() };
  states.set(device, state);
  return state;
}

/** Puts a call of the kernel into the device's queue; whether it went well is told by {@link read}. */
export function dispatch(device: GpuDevice, kernel: Kernel, { threads, params = {}, bindings }: Call): void {
  if (threads === 0) return;
  watched(device, () => {
    const gpu = device as GPUDevice;
    const pipeline = pipelineOf(device, kernel);
    const uniforms = gpu.createBuffer({ size: uniformSize(kernel), usage: UNIFORM, mappedAtCreation: true });
    writeUniforms(new DataView(uniforms.getMappedRange()), kernel, { ...params, threads });
    uniforms.unmap();
    const resources = [{ buffer: uniforms }, ...(bindings as readonly GPUBufferBinding[])];
    const layout = pipeline.getBindGroupLayout(0);
    const group = gpu.createBindGroup({ layout, entries: resources.map((resource, binding) => ({ binding, resource })) });
    const commands = gpu.createCommandEncoder();
    const pass = commands.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    const groups = Math.ceil(threads / WORKGROUP);
    const row = Math.min(groups, device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(row, Math.ceil(groups / row));
    pass.end();
    gpu.queue.submit([commands.finish()]);
    uniforms.destroy();
  });
}

/** Makes a buffer of so many bytes, rounded up to whole words, all 0. */
export function allocate(device: GpuDevice, bytes: number): GpuBuffer {
  const size = Math.max(4, 4 * Math.ceil(bytes / 4));
  if (size > device.limits.maxBufferSize)
    throw new GadoliniteError(
      "unsupported",
      `The device's largest buffer has ${device.limits.maxBufferSize} bytes, but ${size} are needed. Ask for more (requestGpuDevice does), crop the volume, or work on the CPU.`,
    );
  return watched(device, () => (device as GPUDevice).createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST }));
}

/** Copies numbers into a buffer, from its beginning. */
export function write(device: GpuDevice, buffer: GpuBuffer, data: Float32Array | Uint8Array): void {
  const whole = data.byteLength - (data.byteLength % 4);
  // Views of shared memory are refused by some, and lengths that aren't whole words by all.
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const shared = typeof SharedArrayBuffer !== "undefined" && data.buffer instanceof SharedArrayBuffer;
  const { queue } = device as GPUDevice;
  queue.writeBuffer(buffer as GPUBuffer, 0, shared ? bytes.slice(0, whole) : bytes, 0, whole);
  if (whole === data.byteLength) return;
  const rest = new Uint8Array(4);
  rest.set(bytes.subarray(whole));
  queue.writeBuffer(buffer as GPUBuffer, whole, rest);
}

/**
 * Copies a buffer's bytes to the CPU, once all that was called before is done.
 *
 * @throws `no-backend` if the device was lost, `unsupported` if its memory didn't suffice, or a kernel before this failed
 */
export async function read(device: GpuDevice, buffer: GpuBuffer, bytes = buffer.size): Promise<ArrayBuffer> {
  const gpu = device as GPUDevice;
  const staging = watched(device, () => {
    const target = gpu.createBuffer({ size: 4 * Math.ceil(bytes / 4), usage: MAP_READ | COPY_DST });
    const commands = gpu.createCommandEncoder();
    commands.copyBufferToBuffer(buffer as GPUBuffer, 0, target, 0, target.size);
    gpu.queue.submit([commands.finish()]);
    return target;
  });
  try {
    await staging.mapAsync(MAP_READ);
  } catch (cause) {
    throw failure(device) ?? lost(cause);
  }
  const failed = failure(device);
  if (failed) throw failed;
  const copy = staging.getMappedRange().slice(0, bytes);
  staging.unmap();
  staging.destroy();
  return copy;
}

const lost = (cause: unknown): GadoliniteError =>
  new GadoliniteError("no-backend", "The GPU device was lost. Request another one and upload the volumes again.", { cause });

/** What went wrong on the device since this was asked last. */
function failure(device: GpuDevice): GadoliniteError | undefined {
  const state = stateOf(device);
  const { trouble } = state;
  delete state.trouble;
  if (trouble === undefined) return undefined;
  return new GadoliniteError(
    "unsupported",
    `The GPU failed: ${trouble} If its memory didn't suffice, take a smaller volume or window.`,
  );
}

/** Keeps the first error of what `work` puts on the device: WebGPU itself tells it to the console only. */
function watched<T>(device: GpuDevice, work: () => T): T {
  const gpu = device as GPUDevice;
  gpu.pushErrorScope("validation");
  gpu.pushErrorScope("out-of-memory");
  const result = work();
  for (let scope = 0; scope < 2; scope++)
    gpu.popErrorScope().then(
      (error) => {
        if (error) stateOf(device).trouble ??= error.message;
      },
      // The device is gone, as the next read will tell.
      () => undefined,
    );
  return result;
}

function pipelineOf(device: GpuDevice, kernel: Kernel): GPUComputePipeline {
  const { pipelines } = stateOf(device);
  let pipeline = pipelines.get(kernel);
  if (!pipeline) {
    const gpu = device as GPUDevice;
    const module = gpu.createShaderModule({ label: kernel.name, code: shaderOf(kernel) });
    pipeline = gpu.createComputePipeline({ label: kernel.name, layout: "auto", compute: { module } });
    pipelines.set(kernel, pipeline);
  }
  return pipeline;
}

const paramsOf = (kernel: Kernel) => Object.entries({ threads: "u32", ...kernel.params });

const uniformSize = (kernel: Kernel): number => 16 * Math.ceil(paramsOf(kernel).length / 4);

function writeUniforms(view: DataView, kernel: Kernel, values: Readonly<Record<string, number>>): void {
  paramsOf(kernel).forEach(([name, type], n) => {
    const value = values[name]!;
    if (type === "f32") view.setFloat32(4 * n, value, true);
    else view.setInt32(4 * n, value, true);
  });
}

/** The whole WGSL of a kernel. */
export function shaderOf(kernel: Kernel): string {
  const { reads = {}, writes, declarations = "", body } = kernel;
  const buffers = [
    ...Object.entries(reads).map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    ...Object.entries(writes).map(([name, type]) => `var<storage, read_write> ${name}: array<${type}>;`),
  ];
  return `
struct Params { ${paramsOf(kernel)
    .map(([name, type]) => `${name}: ${type}`)
    .join(", ")} }
@group(0) @binding(0) var<uniform> p: Params;
${buffers.map((buffer, n) => `@group(0) @binding(${n + 1}) ${buffer}`).join("\n")}
${declarations}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let n = id.x + ${WORKGROUP}u * groups.x * id.y;
  if (n >= p.threads) { return; }
  ${body}
}
`;
}
