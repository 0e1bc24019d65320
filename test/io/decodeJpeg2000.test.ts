import { describe, expect, test } from "vitest";
import { isGadoliniteError } from "../../src/index.js";
import { decodeJpeg2000 } from "../../src/io/jpeg2000/decodeJpeg2000.js";
import { golden } from "../support/golden.js";

interface Frame {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly lossless: boolean;
  readonly bytes: Uint8Array;
  readonly values: Int32Array;
}

const { frames } = golden<{ frames: readonly Frame[] }>("io/jpeg2000");

describe("decodeJpeg2000", () => {
  test.each(frames.map((f) => [f.name, f] as const))(
    "equals OpenJPEG: %s",
    (_name, { bytes, rows, columns, lossless, values }) => {
      const decoded = decodeJpeg2000(bytes, { rows, columns, bits: 16 });
      // Of the irreversible transform OpenJPEG cuts a constant, 2 / K, off after 1.625732: its high frequencies are 3.3e-5 smaller.
      decoded.forEach((v, n) => expect(Math.abs(v - values[n]!)).toBeLessThanOrEqual(lossless ? 0 : 1 + 3.3e-5 * 65535));
    },
  );

  test("every cut is refused", () => {
    const { bytes, rows, columns } = frames[1]!;
    // What ends the codestream may be missing.
    for (let stop = 0; stop < bytes.length - 2; stop++) {
      const error = attempt(bytes.slice(0, stop), rows, columns);
      expect(isGadoliniteError(error, "bad-file")).toBe(true);
    }
  });

  test("refuses another size", () => {
    const { bytes, rows, columns } = frames[0]!;
    expect(() => decodeJpeg2000(bytes, { rows: rows + 1, columns, bits: 16 })).toThrow(/where the file announces 62×47/);
    expect(() => decodeJpeg2000(bytes, { rows, columns, bits: 8 })).toThrow(/samples of 16 bits/);
  });
});

function attempt(bytes: Uint8Array, rows: number, columns: number): unknown {
  try {
    return decodeJpeg2000(bytes, { rows, columns, bits: 16 });
  } catch (error) {
    return error;
  }
}
