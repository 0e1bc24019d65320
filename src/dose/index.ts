export { type AddNoiseOptions, addNoise, type NoiseDistribution } from "./addNoise.js";
export { type DoseSeriesOptions, doseSeries } from "./doseSeries.js";
export { type ExtrapolateDoseOptions, extrapolateDose, type FuseContrastOptions, fuseContrast } from "./extrapolateDose.js";
export { type Relaxivity, type RelaxivityOptions, type RelaxivitySource, relaxivity } from "./relaxivity.js";
export type { DoseSequence, SpinEchoSequence, SpoiledGradientEchoSequence } from "./signalModel.js";
export { type SimulateDoseOptions, simulateDose } from "./simulateDose.js";
export {
  type RelaxationOptions,
  relaxationRateChange,
  type SimulateDosePhysicalOptions,
  simulateDosePhysical,
} from "./simulateDosePhysical.js";
export { type DoseNoise, type SimulateNoisyDoseOptions, simulateNoisyDose } from "./simulateNoisyDose.js";
