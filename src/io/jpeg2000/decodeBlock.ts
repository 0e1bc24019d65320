import { joinPieces } from "../joinPieces.js";
import { arithmeticDecoder, type Decide } from "./arithmeticDecoder.js";
import { damaged } from "./codestream.js";
import type { Band, CodeBlock } from "./packets.js";

const [SIGN, REFINE, RUN, UNIFORM] = [9, 14, 17, 18];
// Flags of a coefficient: it is significant, negative, was visited in this plane, was refined before.
const [SIGNIFICANT, NEGATIVE, VISITED, REFINED] = [1, 2, 4, 8];

/** A code block's state while it is decoded; all arrays have a border of one coefficient. */
interface State {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly flags: Uint8Array;
  /** Twice the magnitudes, each in the middle of what is known of it. */
  readonly doubled: Int32Array;
  readonly contexts: Uint8Array;
  readonly decide: Decide;
}

/**
 * Decodes the coefficients of a code block.
 *
 * @param planes bit planes of its band
 * @returns twice the coefficients, in rows; where planes are missing each lies in the middle of what is possible
 * @throws `bad-file` if it has more passes than planes
 * @see ITU-T T.800, annex D
 */
export function decodeBlock(block: CodeBlock, planes: number, segmentationSymbols: boolean): Int32Array {
  const { width, height, passes, zeroPlanes } = block;
  if (passes > Math.max(0, 3 * (planes - zeroPlanes) - 2)) throw damaged("a code block has more passes than bit planes");
  const state = stateOf(block);
  let plane = planes - zeroPlanes - 1;
  // The first plane has a cleanup pass alone.
  for (let pass = 0, kind = 2; pass < passes; pass++, kind = (kind + 1) % 3) {
    if (kind === 0) significancePass(state, plane);
    else if (kind === 1) refinementPass(state, plane);
    else {
      cleanupPass(state, plane);
      if (segmentationSymbols) for (let n = 0; n < 4; n++) state.decide(UNIFORM);
      plane--;
    }
  }
  const out = new Int32Array(width * height);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to++) {
      const at = (y + 1) * state.stride + x + 1;
      out[to] = state.flags[at]! & NEGATIVE ? -state.doubled[at]! : state.doubled[at]!;
    }
  return out;
}

function stateOf({ width, height, band, pieces }: CodeBlock): State {
  const stride = width + 2;
  const states = new Uint8Array(19);
  states[0] = 4;
  states[RUN] = 3;
  states[UNIFORM] = 46;
  return {
    ...{ width, height, stride, flags: new Uint8Array(stride * (height + 2)), doubled: new Int32Array(stride * (height + 2)) },
    ...{ contexts: CONTEXTS[band.kind], decide: arithmeticDecoder(joinPieces(pieces), states) },
  };
}

/** Contexts by the significant neighbours, as {@link neighbours} counts them (T.800, table D.1). */
function contextTable(kind: Band["kind"]): Uint8Array {
  return Uint8Array.from({ length: 45 }, (_, n) => {
    const [across, down, diagonal] = [n % 3, Math.floor(n / 3) % 3, Math.floor(n / 9)];
    if (kind === "HH") {
      const sides = across + down;
      if (diagonal >= 3) return 8;
      if (diagonal === 2) return sides >= 1 ? 7 : 6;
      return diagonal === 1 ? 3 + Math.min(2, sides) : Math.min(2, sides);
    }
    const [h, v] = kind === "HL" ? [down, across] : [across, down];
    if (h === 2) return 8;
    if (h === 1) return v >= 1 ? 7 : diagonal >= 1 ? 6 : 5;
    return v > 0 ? 2 + v : Math.min(2, diagonal);
  });
}

const CONTEXTS = { LL: contextTable("LL"), HL: contextTable("HL"), LH: contextTable("LH"), HH: contextTable("HH") };

/** Significant neighbours of a coefficient: those beside it, 3 for each above and below, 9 for each across a corner. */
function neighbours({ flags, stride }: State, at: number): number {
  const beside = (flags[at - 1]! & 1) + (flags[at + 1]! & 1);
  const upright = (flags[at - stride]! & 1) + (flags[at + stride]! & 1);
  const corners =
    (flags[at - stride - 1]! & 1) + (flags[at - stride + 1]! & 1) + (flags[at + stride - 1]! & 1) + (flags[at + stride + 1]! & 1);
  return beside + 3 * upright + 9 * corners;
}

/** Makes a coefficient significant, with the sign that comes (T.800, tables D.2 and D.3). */
function becomeSignificant(state: State, at: number, plane: number): void {
  const { flags, stride, decide } = state;
  const sign = (where: number) => (flags[where]! & SIGNIFICANT ? 1 - (flags[where]! & NEGATIVE) : 0);
  const across = Math.sign(sign(at - 1) + sign(at + 1));
  const down = Math.sign(sign(at - stride) + sign(at + stride));
  const contribution = 3 * across + down;
  const flip = contribution < 0 ? 1 : 0;
  const bit = decide(SIGN + Math.abs(contribution)) ^ flip;
  flags[at]! |= SIGNIFICANT | (bit ? NEGATIVE : 0);
  state.doubled[at] = 3 * 2 ** plane;
}

/** Visits coefficients in stripes of four rows, column by column. */
function significancePass(state: State, plane: number): void {
  const { width, height, stride, flags, contexts, decide } = state;
  for (let top = 0; top < height; top += 4)
    for (let x = 0; x < width; x++)
      for (let y = top; y < Math.min(top + 4, height); y++) {
        const at = (y + 1) * stride + x + 1;
        if (flags[at]! & SIGNIFICANT) continue;
        const around = neighbours(state, at);
        if (around === 0) continue;
        if (decide(contexts[around]!)) becomeSignificant(state, at, plane);
        flags[at]! |= VISITED;
      }
}

function refinementPass(state: State, plane: number): void {
  const { width, height, stride, flags, doubled, decide } = state;
  const half = 2 ** plane;
  for (let top = 0; top < height; top += 4)
    for (let x = 0; x < width; x++)
      for (let y = top; y < Math.min(top + 4, height); y++) {
        const at = (y + 1) * stride + x + 1;
        if ((flags[at]! & (SIGNIFICANT | VISITED)) !== SIGNIFICANT) continue;
        const context = flags[at]! & REFINED ? REFINE + 2 : neighbours(state, at) === 0 ? REFINE : REFINE + 1;
        doubled[at]! += decide(context) ? half : -half;
        flags[at]! |= REFINED;
      }
}

function cleanupPass(state: State, plane: number): void {
  const { width, height, stride, flags, contexts, decide } = state;
  for (let top = 0; top < height; top += 4)
    for (let x = 0; x < width; x++) {
      let y = top;
      if (top + 4 <= height && isQuiet(state, x, top)) {
        if (!decide(RUN)) continue;
        y = top + 2 * decide(UNIFORM);
        y += decide(UNIFORM);
        becomeSignificant(state, (y + 1) * stride + x + 1, plane);
        y++;
      }
      for (; y < Math.min(top + 4, height); y++) {
        const at = (y + 1) * stride + x + 1;
        if (!(flags[at]! & (SIGNIFICANT | VISITED)) && decide(contexts[neighbours(state, at)]!))
          becomeSignificant(state, at, plane);
      }
    }
  for (let at = 0; at < flags.length; at++) flags[at]! &= ~VISITED;
}

/** Whether four coefficients of a column are insignificant, not visited, and have no significant neighbour. */
function isQuiet(state: State, x: number, top: number): boolean {
  for (let y = top; y < top + 4; y++) {
    const at = (y + 1) * state.stride + x + 1;
    if (state.flags[at]! & (SIGNIFICANT | VISITED) || neighbours(state, at) !== 0) return false;
  }
  return true;
}
