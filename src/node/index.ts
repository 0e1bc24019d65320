export { type LoadStudyOptions, loadStudy } from "./loadStudy.js";
export { type LoadVolumeOptions, loadVolume, loadVolumeWithHeader } from "./loadVolume.js";
export { type SaveVolumeOptions, saveVolume } from "./saveVolume.js";
export { type WriteFileAtomicOptions, writeFileAtomic } from "./writeFileAtomic.js";
