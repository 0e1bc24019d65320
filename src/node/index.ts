export { type LoadDicomSeriesOptions, loadDicomSeries } from "./loadDicomSeries.js";
export { type LoadStudyOptions, loadStudy } from "./loadStudy.js";
export { type LoadVolumeOptions, loadVolume, loadVolumeWithHeader } from "./loadVolume.js";
export { type SaveDerivativeOptions, saveDerivative } from "./saveDerivative.js";
export { type SaveVolumeOptions, saveVolume } from "./saveVolume.js";
export { type WriteFileAtomicOptions, writeFileAtomic } from "./writeFileAtomic.js";
export { zarrFolder } from "./zarrFolder.js";
