import { GadoliniteError } from "../core/errors.js";
import type { Grid } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { resample } from "../geometry/resample.js";
import { checkOneOf, checkSameGrid } from "../internal/check.js";
import type { Predictor } from "./predictor.js";
import { type SlidingWindowOptions, slidingWindowChannels } from "./slidingWindow.js";

export interface SegmentOptions extends SlidingWindowOptions {
  /**
   * The activation that the predictor's channels still lack, which says what they are:
   *
   * - `"softmax"`: logits of classes that exclude each other, the background first; each voxel gets the class with the largest
   * - `"sigmoid"`: logits of regions that may lie within each other; a voxel belongs to those whose probability is more than 0.5
   * - `"none"`: probabilities, activated by the network itself; `regions` says of what
   *
   * Default `"softmax"`.
   */
  readonly activation?: "softmax" | "sigmoid" | "none";
  /** Whether the channels are regions rather than classes. Default: only with `"sigmoid"`. */
  readonly regions?: boolean;
  /**
   * The label that each channel stands for, integers of 0 to 255. Default: classes 0, 1, 2, … (so that channel 0 is the background), regions
   * 1, 2, 3, …
   */
  readonly labels?: readonly number[];
  /**
   * The grid that the network sees the scan on, with the voxel spacing that it was trained on, e.g. `isotropicGrid(scan.grid, { spacingMm: 1 })`: the
   * scan is resampled onto it by cubic splines (clamped), and the averaged channels are brought back linearly, before labels are read. What it
   * doesn't reach is background. Default: the scan's own.
   */
  readonly grid?: Grid;
}

/**
 * Segments a scan window by window: the predictor's channels are averaged over the windows as {@link slidingWindowChannels} does, and labels
 * are read off the averages.
 *
 * - Classes: the label of the largest channel; of equal ones the first. (The softmax keeps their order, so it isn't computed.)
 * - Regions: 0, overwritten by the label of each region in turn whose probability is more than 0.5, which for logits means more than 0. Where
 *   regions lie within each other, name the outer ones first; a probability of exactly 0.5 is outside.
 *
 * Logits are averaged, and resampled, before the activation, as nnU-Net v2 does. Takes 8 + 4 bytes a voxel and channel.
 *
 * @param volumes the channels of the scan, on one grid; finite
 * @param predictor gives one channel for each class or region
 * @returns labels on the scan's own grid
 * @throws as {@link slidingWindowChannels} does; `out-of-range` for labels that are no integers of 0 to 255, or too few; `bad-model` if the predictor
 *   gives another number of channels than there are labels, or a single class
 * @see Isensee et al. 2021 and nnU-Net v2: `predict_sliding_window_return_logits`, and `regions_class_order` of its region-based training
 * @example
 * const grid = isotropicGrid(t1.grid, { spacingMm: 1 });
 * const labels = await segment([t1, t1ce], network, { window: [128, 128, 128], activation: "sigmoid", labels: [2, 1, 3], grid });
 */
export async function segment(
  volumes: readonly Volume[],
  predictor: Predictor,
  { activation = "softmax", regions = activation === "sigmoid", labels, grid, ...windows }: SegmentOptions,
): Promise<Volume<Uint8Array>> {
  checkOneOf("activation", activation, ["softmax", "sigmoid", "none"]);
  if (regions && activation === "softmax")
    throw new GadoliniteError(
      "out-of-range",
      'Regions are no alternatives: their activation is "sigmoid" or "none", not "softmax".',
    );
  if (labels) checkLabels(labels, regions);
  // Said at the first window, not after the last.
  const checked: Predictor = async (patches, signal) => {
    const output = await predictor(patches, signal);
    checkChannels(output.dims[1], regions, labels);
    return output;
  };
  const own = volumes[0]?.grid;
  checkSameGrid(own!, ...volumes.slice(1).map((volume) => volume.grid));
  const seen = grid ? volumes.map((volume) => resample(volume, grid, { interpolation: "cubic", clamp: true })) : volumes;
  const predicted = await slidingWindowChannels(seen, checked, windows);
  const channels = predicted.map((channel) => (grid ? resample(channel, own!, { interpolation: "linear" }) : channel).data);
  const names = labels ?? channels.map((_, c) => (regions ? c + 1 : c));
  const data = regions ? regionLabels(channels, names, activation === "sigmoid" ? 0 : 0.5) : classLabels(channels, names);
  return { grid: own!, data };
}

function classLabels([first, ...others]: readonly Float32Array[], labels: readonly number[]): Uint8Array {
  const result = new Uint8Array(first!.length).fill(labels[0]!);
  const largest = first!.slice();
  others.forEach((channel, n) => {
    const label = labels[n + 1]!;
    for (let v = 0; v < result.length; v++)
      if (channel[v]! > largest[v]!) {
        largest[v] = channel[v]!;
        result[v] = label;
      }
  });
  return result;
}

function regionLabels(channels: readonly Float32Array[], labels: readonly number[], threshold: number): Uint8Array {
  const result = new Uint8Array(channels[0]!.length);
  channels.forEach((channel, n) => {
    const label = labels[n]!;
    for (let v = 0; v < result.length; v++) if (channel[v]! > threshold) result[v] = label;
  });
  return result;
}

function checkLabels(labels: readonly number[], regions: boolean): void {
  const wrong = labels.find((label) => !(Number.isInteger(label) && label >= 0 && label <= 255));
  if (wrong !== undefined)
    throw new GadoliniteError("out-of-range", `Labels are integers of 0 to 255, but one of these is ${wrong}.`);
  if (labels.length < (regions ? 1 : 2))
    throw new GadoliniteError(
      "out-of-range",
      `${labels.length} label(s) make no segmentation: give ${regions ? "one or more" : "two or more, the background's first"}.`,
    );
}

function checkChannels(channels: number | undefined, regions: boolean, labels: readonly number[] | undefined): void {
  const expected = labels ? `${labels.length} (one for each label)` : regions ? "1 to 255" : "2 to 256";
  const fits = labels
    ? channels === labels.length
    : regions
      ? channels! >= 1 && channels! <= 255
      : channels! >= 2 && channels! <= 256;
  if (!fits)
    throw new GadoliniteError(
      "bad-model",
      `The predictor gives ${channels} channel(s), but ${expected} are expected.${channels === 1 && !regions ? ' One channel is a region: activation "sigmoid".' : ""}`,
    );
}
