export {
  DEFAULT_DOSES,
  type DoseNoise,
  type DoseRow,
  type DoseStudyOptions,
  doseStudy,
  type SimulatedDose,
} from "./doseStudy.js";
export { type Region, type RestorationMeasures, type RestorationMeter, restorationMeter } from "./measureRestoration.js";
export {
  type Calibration,
  type CalibrationMethod,
  type PreparedStudy,
  type PrepareStudyOptions,
  prepareStudy,
} from "./prepareStudy.js";
