export type { ReadFileOptions } from "./announced.js";
export type { Inflate } from "./byteSource.js";
export type { ReadDetachedOptions } from "./detached.js";
export type { DicomFile } from "./dicom/parseDicom.js";
export {
  type DicomHeader,
  type ReadDicomSeriesOptions,
  type ReadDicomSeriesResult,
  readDicomSeries,
} from "./dicom/readDicomSeries.js";
export { type WriteDicomSeriesOptions, writeDicomSeries } from "./dicom/writeDicomSeries.js";
export type { DetachedFile } from "./encodeVolume.js";
export type { WritableDtype } from "./encodeVoxels.js";
export type { MetaImageHeader } from "./metaImageHeader.js";
export type { NiftiHeader } from "./niftiHeader.js";
export type { NiftiDtype, StoredDtype } from "./niftiTypes.js";
export type { NrrdEncoding, NrrdHeader } from "./nrrdHeader.js";
export { type ReadMetaImageOptions, type ReadMetaImageResult, readMetaImage } from "./readMetaImage.js";
export { type MghHeader, type ReadMghOptions, type ReadMghResult, readMgh } from "./readMgh.js";
export { type ReadNiftiOptions, type ReadNiftiResult, readNifti } from "./readNifti.js";
export { type ReadNrrdOptions, type ReadNrrdResult, readNrrd } from "./readNrrd.js";
export { type ReadVolumeOptions, type ReadVolumeResult, readVolume, type VolumeHeader } from "./readVolume.js";
export {
  type WriteDetachedMetaImageOptions,
  type WriteMetaImageOptions,
  writeDetachedMetaImage,
  writeMetaImage,
} from "./writeMetaImage.js";
export { type MghDtype, type WriteMghOptions, writeMgh } from "./writeMgh.js";
export { type WriteNiftiOptions, writeNifti } from "./writeNifti.js";
export { type WriteDetachedNrrdOptions, type WriteNrrdOptions, writeDetachedNrrd, writeNrrd } from "./writeNrrd.js";
export {
  type OmeZarrHeader,
  type OmeZarrImage,
  type OpenOmeZarrOptions,
  openOmeZarr,
  type ReadOmeZarrOptions,
} from "./zarr/openOmeZarr.js";
export { type WriteOmeZarrOptions, writeOmeZarr } from "./zarr/writeOmeZarr.js";
export type { WritableZarrStore, ZarrKey, ZarrStore } from "./zarr/zarrStore.js";
