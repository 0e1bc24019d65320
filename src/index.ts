export { type BoundingBoxOptions, type Box, boundingBox } from "./core/boundingBox.js";
export { type ErrorCode, GadoliniteError, isGadoliniteError } from "./core/errors.js";
export {
  type Affine,
  createGrid,
  type Grid,
  type GridOptions,
  type SameGridOptions,
  sameGrid,
  spacingMm,
  type Vec3,
  voxelCount,
} from "./core/grid.js";
export type { Progress, TaskOptions } from "./core/progress.js";
export type { Acquisition, ContrastScan, Injection, Sequence, Study } from "./core/study.js";
export { createMask, createVolume, labelMask, type Mask, type Volume, type VoxelArray } from "./core/volume.js";
