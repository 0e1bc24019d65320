import { GadoliniteError } from "../core/errors.js";
import type { ByteSource } from "./byteSource.js";

// No header of an image is longer; what has no end within it is no header.
const MAX_HEADER = 1 << 20;

/**
 * Reads lines up to and with the first that ends the header, or to the end of the file. Nothing after them is consumed.
 *
 * @param isLast tells the last line of the header
 * @returns the lines without their ends (\n or \r\n), and whether the last one is among them
 * @throws `bad-file` if a megabyte has no end of the header
 */
export async function readHeaderLines(
  source: ByteSource,
  isLast: (line: string) => boolean,
): Promise<{ readonly lines: readonly string[]; readonly ended: boolean }> {
  const lines: string[] = [];
  const decoder = new TextDecoder();
  let at = 0;
  for (let wanted = 4096; ; wanted *= 4) {
    const head = await source.peek(wanted);
    const whole = head.length < wanted;
    for (let end = head.indexOf(10, at); end >= 0 || whole; end = head.indexOf(10, at)) {
      const stop = end < 0 ? head.length : end;
      const line = decoder.decode(head.slice(at, head[stop - 1] === 13 && stop > at ? stop - 1 : stop));
      const atEnd = end < 0 && line === "";
      if (!atEnd) lines.push(line);
      at = end < 0 ? head.length : end + 1;
      const ended = !atEnd && isLast(line);
      if (!ended && end >= 0) continue;
      await source.skip(at);
      return { lines, ended };
    }
    if (head.length >= MAX_HEADER)
      throw new GadoliniteError(
        "bad-file",
        "The header does not end within a megabyte: the file is damaged, or none of this format.",
      );
  }
}

/** A file's text in a message: quoted, and cut where it is long. */
export const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** The same without quotes. */
export const shown = (text: string): string => quoted(text).slice(1, -1);

/** Numbers between blanks. Throws `bad-file`, naming the field, if one is none or they are not as many as expected. */
export function numbersOf(field: string, text: string, count?: number): number[] {
  const numbers = text.trim().split(/\s+/).map(numberOf);
  if (numbers.includes(undefined) || (count !== undefined && numbers.length !== count))
    throw new GadoliniteError(
      "bad-file",
      `The header's ${field} must be ${count === undefined ? "numbers" : `${count} numbers`}, but is ${quoted(text)}.`,
    );
  return numbers as number[];
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, infinity: Infinity };

/** A decimal number as C prints it, NaN and infinity too; undefined if it is none. */
export function numberOf(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const special = SPECIAL[text.replace(/^[+-]/, "").toLowerCase()];
  return special === undefined ? undefined : text.startsWith("-") ? -special : special;
}

/** Sizes of axes: positive integers. Throws `bad-file` otherwise. */
export function sizesOf(field: string, text: string, count: number): number[] {
  const sizes = numbersOf(field, text, count);
  if (!sizes.every((n) => Number.isSafeInteger(n) && n >= 1))
    throw new GadoliniteError("bad-file", `The axes of an image have positive whole sizes, not ${quoted(text)}.`);
  return sizes;
}
