/** Lower and upper bound. */
export type Interval = readonly [low: number, high: number];

export interface IntervalOptions {
  /** Share of repeated studies whose interval holds the true value, above 0 and below 1. Default 0.95. */
  readonly level?: number;
}
