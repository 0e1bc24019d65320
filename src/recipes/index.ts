export {
  type AlignStudyOptions,
  type Atlas,
  type AtlasStudyOptions,
  alignStudy,
  atlasStudy,
  type Register,
} from "./alignStudy.js";
export { type AmplifyOptions, amplify } from "./amplify.js";
export { type Bone2022Options, bone2022 } from "./bone2022.js";
export {
  type BoneResults,
  boneTables,
  type ContrastRow,
  contrastRows,
  type DetectionReadingOptions,
  detectionReading,
  type ReaderAnswers,
} from "./boneTables.js";
export { type Chen2025Options, chen2025 } from "./chen2025.js";
export { type ChenResultsOptions, chenCharts, chenResults, chenTables, cohortTable } from "./chenResults.js";
export { boneClaims, type Claim, chenClaims, type PinetzClaimsOptions, pinetzClaims } from "./claims.js";
export { type CompareOptions, type Comparison, type ComparisonRow, compare, type ReadySystem } from "./compare.js";
export {
  DEFAULT_DOSES,
  type DoseRow,
  type DoseStudyOptions,
  doseStudy,
  type SimulatedDose,
} from "./doseStudy.js";
export {
  type Conditions,
  type EmbeddingAnalysis,
  type EmbeddingAnalysisOptions,
  embeddingAnalysis,
  embeddingCharts,
} from "./embeddings.js";
export { type Gong2018Options, gong2018 } from "./gong2018.js";
export { type DoseNoise, type LowDose, type LowDosesOptions, lowDoses } from "./lowDoses.js";
export { type Region, type RestorationMeasures, type RestorationMeter, restorationMeter } from "./measureRestoration.js";
export { type Mingo2023Options, mingo2023 } from "./mingo2023.js";
export { type Pasumarthi2021Options, pasumarthi2021 } from "./pasumarthi2021.js";
export { type Pinetz2024Options, pinetz2024 } from "./pinetz2024.js";
export { type PinetzTablesOptions, pinetzTables } from "./pinetzTables.js";
export {
  type Calibration,
  type CalibrationMethod,
  type DosedScan,
  type PreparedStudy,
  type PrepareStudyOptions,
  prepareStudy,
} from "./prepareStudy.js";
export { studyConditions } from "./studyConditions.js";
export {
  type Checkpoint,
  classicalSystem,
  type LoadedModel,
  loadModels,
  type NetworkProgress,
  type System,
  type SystemNetwork,
  type TrainNetworkOptions,
  trainSystem,
} from "./system.js";
