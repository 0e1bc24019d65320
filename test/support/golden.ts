import { readFileSync } from "node:fs";

interface GoldenArray {
  readonly dtype: "float32" | "float64" | "int32" | "uint8";
  readonly shape: readonly number[];
  readonly base64: string;
}

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };

/**
 * Reads test/golden/<name>.json: numbers made once by an independent program. Each file begins with its birth certificate
 * (`tool`, `version`, `command`); arrays are little-endian base64, written by test/golden/generate/golden.py.
 */
export function golden<T extends object>(name: string): T {
  const text = readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8");
  const revive = (_key: string, value: unknown) => (isArray(value) ? decode(value) : value);
  const content = JSON.parse(text, revive) as T & { tool?: string; version?: string; command?: string };
  if (!content.tool || !content.version || !content.command) throw new Error(`golden file ${name} has no birth certificate`);
  return content;
}

const isArray = (value: unknown): value is GoldenArray => typeof value === "object" && value !== null && "base64" in value;

function decode({ dtype, base64 }: GoldenArray) {
  const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
  return new ARRAYS[dtype](bytes.buffer);
}
