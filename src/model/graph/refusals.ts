import { GadoliniteError } from "../../core/errors.js";

/** The refusal of a model whose parts can't all be true. */
export function contradiction(reason: string): GadoliniteError {
  return new GadoliniteError("bad-model", `This ONNX model contradicts itself: ${reason.slice(0, 200)}.`);
}

export function contradict(reason: string): never {
  throw contradiction(reason);
}

/** The refusal of what ONNX allows and a graph has no place for. */
export function unsupported(what: string): GadoliniteError {
  return new GadoliniteError(
    "unsupported",
    `This ONNX model has ${what.slice(0, 200)}, which can't be read as a graph. It can still be run: createModel(bytes).`,
  );
}
