import { damaged } from "./codestream.js";

/** Reads bits of a packet's header, the most significant first; after a byte of ones a zero is stuffed. */
export interface BitReader {
  bit(): number;
  bits(count: number): number;
  /** Goes on to the next whole byte, and tells where it lies. */
  align(): number;
}

export function bitReader(bytes: Uint8Array, start: number): BitReader {
  let at = start;
  let byte = 0;
  let left = 0;
  const bit = () => {
    if (left === 0) {
      const next = bytes[at++];
      if (next === undefined) throw damaged("its packets are cut short");
      left = byte === 0xff ? 7 : 8;
      byte = next;
    }
    left--;
    return (byte >> left) & 1;
  };
  return {
    bit,
    bits(count) {
      let value = 0;
      for (let n = 0; n < count; n++) value = value * 2 + bit();
      return value;
    },
    align: () => (byte === 0xff ? at + 1 : at),
  };
}

/**
 * A tree of minima over a grid of numbers, of which a reader learns only as much as it asks for.
 *
 * @see ITU-T T.800, B.10.2
 */
export interface TagTree {
  /** Whether the number at a leaf is below a threshold. */
  below(leaf: number, threshold: number, reader: BitReader): boolean;
}

interface Level {
  readonly width: number;
  readonly lows: Uint16Array;
  readonly known: Uint8Array;
}

export function tagTree(width: number, height: number): TagTree {
  const levels: Level[] = [];
  for (let [w, h] = [width, height]; ; [w, h] = [(w + 1) >> 1, (h + 1) >> 1]) {
    levels.push({ width: w, lows: new Uint16Array(w * h), known: new Uint8Array(w * h) });
    if (w * h <= 1) break;
  }
  return {
    below(leaf, threshold, reader) {
      const [x, y] = [leaf % width, Math.floor(leaf / width)];
      let low = 0;
      for (let n = levels.length - 1; n >= 0; n--) {
        const level = levels[n]!;
        const at = (x >> n) + (y >> n) * level.width;
        low = Math.max(low, level.lows[at]!);
        while (low < threshold && !level.known[at]) {
          if (reader.bit()) level.known[at] = 1;
          else low++;
        }
        level.lows[at] = low;
      }
      return levels[0]!.known[leaf] === 1 && low < threshold;
    },
  };
}
