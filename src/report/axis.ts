import { GadoliniteError } from "../core/errors.js";
import { formatNumber } from "./formatNumber.js";

/** How one axis of a chart is labelled and scaled. */
export interface Axis {
  /** What is shown and its unit, e.g. `"PSNR (dB)"`. */
  readonly label: string;
  /** Default `"linear"`. */
  readonly scale?: "linear" | "log";
  /** Values at both ends. Default: round numbers around the data. */
  readonly range?: readonly [number, number];
  /** Writes fractions in per cent. Default false. */
  readonly percent?: boolean;
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

// Farther out sums and differences overflow, or round to nothing.
const SMALLEST = 1e-290;
const LARGEST = 1e290;

/** Whether a value can have a place on an axis. */
export const isDrawable = (value: number): boolean => Math.abs(value) < LARGEST;

/** From a value to a coordinate. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly Tick[];
  position(value: number): number;
}

/**
 * Round numbers (1, 2 or 5 times a power of ten) from low to high, about as many as asked for.
 *
 * @example
 * niceTicks(0.3, 9.6, 5); // [2, 4, 6, 8]
 */
export function niceTicks(low: number, high: number, count: number): readonly number[] {
  const step = niceStep((high - low) / count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Steps below 1 as a division by a whole number: 3 · 0.1 is not 0.3.
  const inverse = Math.round(1 / step);
  return Array.from({ length: last - first + 1 }, (_, i) => (step < 1 ? (first + i) / inverse : (first + i) * step));
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const times = raw / power;
  return power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
}

function logTicks(low: number, high: number): readonly number[] {
  const decades = Math.log10(high / low);
  if (decades < 0.7) return niceTicks(low, high, 4);
  const steps = decades < 2.5 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / 6));
  const ticks: number[] = [];
  for (let e = Math.floor(Math.log10(low) + 1e-9); e <= Math.log10(high) + 1e-9; e++)
    if (e % every === 0)
      for (const step of steps) {
        const value = Number(`${step}e${e}`);
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push(value);
      }
  return ticks;
}

function label(value: number, axis: Axis, ticks: readonly number[]): string {
  if (axis.percent) return `${formatNumber(Number((100 * value).toPrecision(6)))} %`;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) return value.toExponential().replace("e+", "e").replaceAll("-", "−");
  if (axis.scale === "log") return formatNumber(Number(value.toPrecision(6)));
  // All ticks of an axis with as many decimals as the one that needs most.
  const decimals = Math.max(...ticks.map((t) => String(Number(t.toPrecision(10))).split(".")[1]?.length ?? 0));
  return formatNumber(value, { decimals: Math.min(decimals, 10) });
}

/**
 * The scale of an axis around its data, from coordinate `start` to `end`.
 *
 * @throws `out-of-range` if there is no finite value (on a logarithmic axis: no positive one), or the range is not rising
 */
export function createScale(axis: Axis, values: readonly number[], start: number, end: number, count: number): Scale {
  const log = axis.scale === "log";
  const [low, high] = axis.range ? checkedRange(axis, log) : rangeOf(axis, values, log, count);
  const map = log ? Math.log : (v: number) => v;
  const [from, to] = [map(low), map(high)];
  const numbers = log ? logTicks(low, high) : niceTicks(low, high, count);
  return {
    low,
    high,
    ticks: numbers.map((value) => ({ value, label: label(value, axis, numbers) })),
    position: (value) => start + ((end - start) * (map(value) - from)) / (to - from),
  };
}

function checkedRange(axis: Axis, log: boolean): readonly [number, number] {
  const [low, high] = axis.range!;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high && (!log || low > 0)))
    throw new GadoliniteError(
      "out-of-range",
      `The range of "${axis.label}" must be two ${log ? "positive " : ""}finite numbers that rise, not ${low} and ${high}.`,
    );
  return [low, high];
}

/** The data's range, widened to the next ticks; a single value gets some room on both sides. */
function rangeOf(axis: Axis, values: readonly number[], log: boolean, count: number): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values)
    if (isDrawable(v) && (!log || v > SMALLEST)) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
  if (low > high)
    throw new GadoliniteError(
      "out-of-range",
      `There is no ${log ? "positive " : ""}finite number to show along "${axis.label}".`,
    );
  if (log) return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  // Two numbers that differ by less than their rounding can't be told apart on an axis either.
  if (high - low <= Math.max(SMALLEST, 1e-9 * Math.max(Math.abs(low), Math.abs(high)))) {
    const room = Math.abs(low) > SMALLEST ? Math.abs(low) / 2 : 1;
    [low, high] = [low - room, high + room];
  }
  // Widening may ask for a larger step, and that for more room: the second time the ends are ticks.
  for (let round = 0; round < 2; round++) {
    const step = niceStep((high - low) / count);
    [low, high] = [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
  }
  return [low, high];
}
