import { GadoliniteError } from "../core/errors.js";
import { checkNonNegative, checkOneOf } from "../internal/check.js";
import { createRandom, type Random } from "../internal/random.js";

export interface ReadingOrderOptions {
  /** Names of the cases, each once. */
  readonly cases: readonly string[];
  readonly readers: readonly string[];
  /** What is compared, e.g. `["10 % restored", "standard dose"]`. */
  readonly arms: readonly string[];
  /** Seed of the order, an integer of 0 to 2⁵³ − 1. */
  readonly seed: number;
  /**
   * `"crossover"`: each session holds every case once, the arms mixed in equal parts, so that neither habit nor memory favours one.
   * `"sequential"`: one arm a session, in the given order, as Bône. Default `"crossover"`.
   */
  readonly design?: "crossover" | "sequential";
  /** Days between the first days of two sessions, against memory. Default 10, Bône's. */
  readonly washoutDays?: number;
}

/** One reading of one case by one reader. */
export interface Reading {
  /** Name under which the reader gets it; tells neither case, arm nor order. */
  readonly code: string;
  readonly reader: string;
  /** From 1. */
  readonly session: number;
  /** Earliest day of the session, counted from the first session's. */
  readonly earliestDay: number;
  /** Place in the session, from 1. */
  readonly position: number;
  readonly case: string;
  readonly arm: string;
}

/**
 * Plans a reader study: who reads what in which order, so that every reader reads every case once under every arm, never twice
 * in one session, with a washout between sessions.
 *
 * In the crossover design the cases are dealt into as many groups as there are arms; in session s, reader r reads group g under
 * arm (g + s + r) mod arms (a cyclic Latin square, turned from reader to reader). Within a session the order is random, new for
 * each reader and session. Give readers the pictures by code and keep the list: it is the key.
 *
 * @returns readings by reader, session and position; the same arguments give the same list
 * @throws `out-of-range` if a list is empty or names something twice, or the seed is no integer of 0 to 2⁵³ − 1
 * @see Bône et al. 2022, Invest Radiol 57:527, "Reader study protocol" (phases, washout)
 * @example
 * const readings = readingOrder({ cases, readers: ["A", "B"], arms: ["T1c", "T1c-pro"], seed: 1 });
 * const sheet = answerSheet(readings, { reader: "A", questions });
 */
export function readingOrder(options: ReadingOrderOptions): readonly Reading[] {
  const { cases, readers, arms, seed, design = "crossover", washoutDays = 10 } = options;
  checkOneOf("design", design, ["crossover", "sequential"]);
  checkNonNegative("washoutDays", washoutDays);
  for (const [name, list] of Object.entries({ cases, readers, arms })) checkNames(name, list);
  const dealt = shuffled(cases, createRandom(seed, 0));
  const order = createRandom(seed, 1);
  const planned = readers.flatMap((reader, r) =>
    arms.flatMap((_, s) => {
      const session = dealt.map((name, n) => ({
        case: name,
        arm: arms[design === "sequential" ? s : ((n % arms.length) + s + r) % arms.length]!,
      }));
      return shuffled(session, order).map((reading, position) => ({
        reader,
        session: s + 1,
        earliestDay: s * washoutDays,
        position: position + 1,
        ...reading,
      }));
    }),
  );
  const numbers = shuffled(
    planned.map((_, n) => n + 1),
    createRandom(seed, 2),
  );
  const digits = Math.max(3, String(planned.length).length);
  // The letter keeps spreadsheets from taking the zeros away.
  return planned.map((reading, n) => ({ code: `r${String(numbers[n]).padStart(digits, "0")}`, ...reading }));
}

function checkNames(name: string, list: readonly string[]): void {
  const twice = list.find((item, i) => list.indexOf(item) !== i);
  if (list.length === 0 || twice !== undefined)
    throw new GadoliniteError(
      "out-of-range",
      twice === undefined ? `${name} must not be empty.` : `${name} must name each once, but names "${twice}" twice.`,
    );
}

/** A copy in random order (Fisher and Yates). */
function shuffled<T>(list: readonly T[], random: Random): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
