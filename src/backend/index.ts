export type { Backend, LoadOptions, Placement, RunOptions, Session, SessionValue, Tensor, Tensors } from "./backend.js";
export { type CpuOptions, cpu } from "./cpu.js";
export { type CudaOptions, cuda } from "./cuda.js";
export {
  type AdapterReport,
  type BackendReport,
  type DoctorOptions,
  type DoctorReport,
  doctor,
  type RuntimeReport,
} from "./doctor.js";
export { type Attempt, loadFirst } from "./loadFirst.js";
export { type ExecutionProvider, type OnnxOptions, type OnnxRuntime, onnx } from "./onnx.js";
export { type MakeSelfTestOptions, makeSelfTest, runSelfTest } from "./selfTest.js";
export { type WasmOptions, wasm } from "./wasm.js";
export { type WebgpuOptions, webgpu } from "./webgpu.js";
