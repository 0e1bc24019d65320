export type { Backend, LoadOptions, RunOptions, Session, SessionValue, Tensor, Tensors } from "./backend.js";
export { type CpuOptions, cpu } from "./cpu.js";
export { type Attempt, loadFirst } from "./loadFirst.js";
export { type ExecutionProvider, type OnnxOptions, type OnnxRuntime, onnx } from "./onnx.js";
export { type MakeSelfTestOptions, makeSelfTest, runSelfTest } from "./selfTest.js";
