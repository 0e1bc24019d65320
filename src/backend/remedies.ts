import { GadoliniteError } from "../core/errors.js";

/** What to do where a provider doesn't start. */
export const remedy = (provider: string): string => REMEDIES[provider] ?? "Is it part of this build of ONNX Runtime?";

const REMEDIES: Readonly<Record<string, string>> = {
  cuda: "It needs Linux on x64, an NVIDIA driver, the CUDA 12 runtime and cuDNN 9 where the loader finds them (LD_LIBRARY_PATH), and the CUDA provider, which onnxruntime-node's install script downloads. npm may not have run that script (it asks first since version 11, and settings or an offline install skip it): npm rebuild onnxruntime-node.",
  webgpu:
    "It needs a GPU and its driver for Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows); in a browser, one with WebGPU (chrome://gpu says why not) and a page served over HTTPS or from localhost.",
  dml: "It needs Windows with DirectX 12.",
  coreml: "It needs macOS.",
  wasm: "Are the .wasm files served where ort.env.wasm.wasmPaths says, and does the content-security policy allow 'wasm-unsafe-eval'?",
};

/** What a failed run means. */
export function runError(device: string, cause: unknown): GadoliniteError {
  const told = `ONNX Runtime (${device}) failed to run the model: ${reason(cause)}`;
  const message = String(cause);
  if (/device\W+(is |was )?lost|lost device|CUDA (failure|error) (46|719|999)\b/i.test(message))
    return new GadoliniteError("no-backend", `${told} The device was lost: dispose of this session and load the model again.`, {
      cause,
    });
  if (/out of memory|bad_alloc|failed to allocate|allocation failed|CUDA (failure|error) 2\b/i.test(message))
    return new GadoliniteError("unsupported", `${told} The memory didn't suffice: take smaller windows or batches.`, { cause });
  return new GadoliniteError("unsupported", `${told} If it ran out of memory, take smaller windows; otherwise another backend.`, {
    cause,
  });
}

/** What was thrown, as one sentence of at most 400 letters. */
export function reason(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const short = message.length > 400 ? `${message.slice(0, 400)}…` : message;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}
