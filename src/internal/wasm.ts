// A few dozen instructions of WebAssembly, enough to write loops over pairs of float64 (128-bit SIMD) by hand. Opcodes are those of the
// WebAssembly core specification 2.0, chapter 5 (binary format).

export type Code = readonly number[];

/** One exported function: all parameters are i32, and come before the vectors among the locals. */
export interface WasmFunction {
  readonly parameters: number;
  /** Number of local variables that are v128. */
  readonly vectors: number;
  readonly body: Code;
}

/** A loop over pairs of numbers: from `at` to `end` (byte addresses in locals), and each of `pointers` along with it, by its step in bytes. */
export function pairLoop(at: number, end: number, pointers: Readonly<Record<number, number>>, body: Code): Code {
  const steps = Object.entries({ ...pointers, [at]: 16 }).flatMap(([local, step]) => [
    ...get(Number(local)),
    ...constant(step),
    ADD_I32,
    ...set(Number(local)),
  ]);
  return [LOOP, NO_RESULT, ...body, ...steps, ...get(at), ...get(end), LESS_THAN_U32, BRANCH_IF, 0, END];
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
/** The vector at the address on the stack plus `offset` bytes. */
export const load = (offset: number): Code => [...simd(0x00), 3, ...unsigned(offset)];
/** Two float32 there, as a vector of float64. */
export const loadFloats: Code = [0xfd, 0x5d, 2, 0, 0xfd, 0x5f];
/** Stores the vector on the stack at the address below it plus `offset` bytes. */
export const store = (offset: number): Code => [...simd(0x0b), 3, ...unsigned(offset)];
/** A number, twice. */
export const both = (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer), ...simd(0x14)];

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
export const add = simd(0xf0);
export const subtract = simd(0xf1);
export const multiply = simd(0xf2);
export const divide = simd(0xf3);

const [LOOP, NO_RESULT, END, BRANCH_IF, ADD_I32, LESS_THAN_U32] = [0x03, 0x40, 0x0b, 0x0d, 0x6a, 0x49];
const [I32, V128, FUNCTION] = [0x7f, 0x7b, 0x60];
const constant = (value: number): Code => [0x41, ...signed(value)];

/** LEB128. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, body: Code): Code => [id, ...unsigned(body.length), ...body];
const text = (name: string): Code => [...unsigned(name.length), ...new TextEncoder().encode(name)];

/** A module that imports `memory` from `environment` and exports the functions by name. */
export function wasmModule(functions: Readonly<Record<string, WasmFunction>>): Uint8Array<ArrayBuffer> {
  const all = Object.values(functions);
  const code = all.map(({ vectors, body }) => {
    const whole = [...list([[...unsigned(vectors), V128]]), ...body, END];
    return [...unsigned(whole.length), ...whole];
  });
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(all.map(({ parameters }) => [FUNCTION, ...list(new Array<Code>(parameters).fill([I32])), 0]))),
    ...section(2, list([[...text("environment"), ...text("memory"), 2, 0, 1]])),
    ...section(3, list(all.map((_, n) => unsigned(n)))),
    ...section(7, list(Object.keys(functions).map((name, n) => [...text(name), 0, ...unsigned(n)]))),
    ...section(10, list(code)),
  ]);
}
