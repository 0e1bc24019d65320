// Table C.2: probability, next state after the more and the less probable symbol, and whether they change places.
const STATES = [
  [0x5601, 1, 1, 1],
  [0x3401, 2, 6, 0],
  [0x1801, 3, 9, 0],
  [0x0ac1, 4, 12, 0],
  [0x0521, 5, 29, 0],
  [0x0221, 38, 33, 0],
  [0x5601, 7, 6, 1],
  [0x5401, 8, 14, 0],
  [0x4801, 9, 14, 0],
  [0x3801, 10, 14, 0],
  [0x3001, 11, 17, 0],
  [0x2401, 12, 18, 0],
  [0x1c01, 13, 20, 0],
  [0x1601, 29, 21, 0],
  [0x5601, 15, 14, 1],
  [0x5401, 16, 14, 0],
  [0x5101, 17, 15, 0],
  [0x4801, 18, 16, 0],
  [0x3801, 19, 17, 0],
  [0x3401, 20, 18, 0],
  [0x3001, 21, 19, 0],
  [0x2801, 22, 19, 0],
  [0x2401, 23, 20, 0],
  [0x2201, 24, 21, 0],
  [0x1c01, 25, 22, 0],
  [0x1801, 26, 23, 0],
  [0x1601, 27, 24, 0],
  [0x1401, 28, 25, 0],
  [0x1201, 29, 26, 0],
  [0x1101, 30, 27, 0],
  [0x0ac1, 31, 28, 0],
  [0x09c1, 32, 29, 0],
  [0x08a1, 33, 30, 0],
  [0x0521, 34, 31, 0],
  [0x0441, 35, 32, 0],
  [0x02a1, 36, 33, 0],
  [0x0221, 37, 34, 0],
  [0x0141, 38, 35, 0],
  [0x0111, 39, 36, 0],
  [0x0085, 40, 37, 0],
  [0x0049, 41, 38, 0],
  [0x0025, 42, 39, 0],
  [0x0015, 43, 40, 0],
  [0x0009, 44, 41, 0],
  [0x0005, 45, 42, 0],
  [0x0001, 45, 43, 0],
  [0x5601, 46, 46, 0],
] as const;
const PROBABILITY = Uint16Array.from(STATES, ([probability]) => probability);
const AFTER_MORE = Uint8Array.from(STATES, ([, more]) => more);
const AFTER_LESS = Uint8Array.from(STATES, ([, , less]) => less);
const SWITCH = Uint8Array.from(STATES, ([, , , change]) => change);

/** Gives the next decision in a context. */
export type Decide = (context: number) => number;

/**
 * The MQ decoder. After the last byte it reads ones without end, as the standard has it.
 *
 * @param states state of each context, which changes
 * @see ITU-T T.800, annex C
 */
export function arithmeticDecoder(bytes: Uint8Array, states: Uint8Array): Decide {
  const likely = new Uint8Array(states.length);
  let at = 0;
  let code = (bytes[0] ?? 0xff) << 16;
  let interval = 0x8000;
  let left = 0;
  const byteIn = () => {
    const next = bytes[at + 1] ?? 0xff;
    if ((bytes[at] ?? 0xff) !== 0xff) {
      at++;
      code += next << 8;
      left = 8;
    } else if (next > 0x8f) {
      code += 0xff00;
      left = 8;
    } else {
      at++;
      code += next << 9;
      left = 7;
    }
  };
  const renormalise = () => {
    do {
      if (left === 0) byteIn();
      interval <<= 1;
      code <<= 1;
      left--;
    } while (interval < 0x8000);
  };
  byteIn();
  code <<= 7;
  left -= 7;
  return (context) => {
    const state = states[context]!;
    const probability = PROBABILITY[state]!;
    const more = likely[context]!;
    interval -= probability;
    const upper = code >>> 16 >= probability;
    if (upper) {
      code -= probability << 16;
      if (interval >= 0x8000) return more;
    }
    // The smaller part is the less probable symbol's, whichever it is.
    const isMore = upper === interval >= probability;
    if (!upper) interval = probability;
    if (!isMore && SWITCH[state]) likely[context] = 1 - more;
    states[context] = isMore ? AFTER_MORE[state]! : AFTER_LESS[state]!;
    renormalise();
    return isMore ? more : 1 - more;
  };
}
