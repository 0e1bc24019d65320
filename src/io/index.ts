export type { Inflate } from "./byteSource.js";
export type { WritableDtype } from "./encodeVoxels.js";
export type { NiftiHeader } from "./niftiHeader.js";
export type { NiftiDtype } from "./niftiTypes.js";
export { type ReadNiftiOptions, type ReadNiftiResult, readNifti } from "./readNifti.js";
export { type ReadVolumeOptions, type ReadVolumeResult, readVolume, type VolumeHeader } from "./readVolume.js";
export { type WriteNiftiOptions, writeNifti } from "./writeNifti.js";
