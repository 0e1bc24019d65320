/**
 * What a voxel is made of, painted from front to back: each layer takes its share of what the layers before it left. The
 * arrays are used again for every voxel.
 */
export interface Layers {
  count: number;
  /** Share of the voxel not yet painted. */
  remaining: number;
  readonly structure: Uint8Array;
  readonly share: Float64Array;
  /** Factor on the structure's uptake of agent. */
  readonly uptake: Float64Array;
  /** Number of the lesion, from 1; 0 where the layer belongs to none. */
  readonly lesion: Uint8Array;
}

const CAPACITY = 96;

export function createLayers(): Layers {
  return {
    count: 0,
    remaining: 1,
    structure: new Uint8Array(CAPACITY),
    share: new Float64Array(CAPACITY),
    uptake: new Float64Array(CAPACITY),
    lesion: new Uint8Array(CAPACITY),
  };
}

/** Below this share a voxel counts as full. */
export const FULL = 1e-3;

/** Paints a structure over the fraction `alpha` of what is left. */
export function paint(layers: Layers, structure: number, alpha: number, uptake = 1, lesion = 0): void {
  if (alpha <= 0 || layers.remaining <= 0) return;
  // The last crumb goes to the layer that nearly filled the voxel, so that shares always add up to 1.
  const left = layers.remaining * (1 - alpha);
  const share = left < FULL ? layers.remaining : layers.remaining * alpha;
  const at = layers.count++;
  layers.structure[at] = structure;
  layers.share[at] = share;
  layers.uptake[at] = uptake;
  layers.lesion[at] = lesion;
  layers.remaining -= share;
}
