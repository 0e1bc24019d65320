import { GadoliniteError } from "../core/errors.js";
import type { SessionValue, Tensor } from "./backend.js";

/** A tensor whose numbers lie on a device. */
type Elsewhere = Pick<Tensor, "dims">;

/** Throws `out-of-range` unless the tensors are what the session's inputs expect: every name, each rank and fixed dimension. */
export function checkInputs(expected: readonly SessionValue[], given: Readonly<Record<string, Tensor | Elsewhere>>): void {
  const names = expected.map(({ name }) => name);
  const wrong = [...names.filter((name) => !Object.hasOwn(given, name)), ...Object.keys(given).filter((n) => !names.includes(n))];
  if (wrong.length > 0)
    throw new GadoliniteError(
      "out-of-range",
      `The model's inputs are ${quoted(names)}, but the tensors given are ${quoted(Object.keys(given))}.`,
    );
  for (const { name, dims } of expected) {
    checkTensor(name, given[name]!);
    if (dims && !fits(dims, given[name]!.dims))
      throw new GadoliniteError(
        "out-of-range",
        `Input "${name}" of the model is a tensor [${describeDims(dims)}], but one of [${given[name]!.dims.join(", ")}] was given.`,
      );
  }
}

/** Throws `out-of-range` unless the dimensions are positive integers whose product is the length of the data. */
export function checkTensor(name: string, tensor: Tensor | Elsewhere): void {
  const { dims } = tensor;
  const data = "data" in tensor ? tensor.data : undefined;
  if ("data" in tensor && !(data instanceof Float32Array))
    throw new GadoliniteError("out-of-range", `The data of tensor "${name}" must be a Float32Array.`);
  if (!dims.every((n) => Number.isSafeInteger(n) && n > 0))
    throw new GadoliniteError(
      "out-of-range",
      `The dimensions of tensor "${name}" must be positive integers, but are [${dims.join(", ")}].`,
    );
  const size = dims.reduce((product, n) => product * n, 1);
  if (data && size !== data.length)
    throw new GadoliniteError(
      "out-of-range",
      `Tensor "${name}" of [${dims.join(", ")}] needs ${size} values, but its array has ${data.length}.`,
    );
}

const fits = (expected: readonly (number | string)[], dims: readonly number[]): boolean =>
  expected.length === dims.length && expected.every((n, axis) => typeof n === "string" || n === dims[axis]);

export const describeDims = (dims: readonly (number | string)[]): string => dims.map((n) => (n === "" ? "any" : n)).join(", ");

export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ") || "none";
