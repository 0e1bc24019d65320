import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { fillHoles } from "./fillHoles.js";
import { largestComponent } from "./largestComponent.js";
import { otsuThreshold } from "./otsuThreshold.js";
import { percentiles } from "./percentile.js";

export function foregroundMask(volume: Volume): Mask {
  const [low, high] = percentiles(volume, [0.5, 99.5]);
  const threshold = otsuThreshold(volume, { range: [low!, high!] });
  const data = new Uint8Array(volume.data.length);
  for (let i = 0; i < data.length; i++) data[i] = volume.data[i]! > threshold ? 1 : 0;
  return fillHoles(largestComponent({ grid: volume.grid, data }, { connectivity: 6 }));
}
