export { type AtlasMask, type AtlasMaskOptions, atlasMask } from "./atlasMask.js";
export { type MutualInformationOptions, mutualInformation } from "./mutualInformation.js";
export type { ParameterMap, RegistrationPreset } from "./parameterMaps.js";
export type { RegisterOptions, Registration } from "./register.js";
export { registerAffine } from "./registerAffine.js";
export { registerRigid } from "./registerRigid.js";
