export { createPhantom } from "./createPhantom.js";
export type { LesionKind } from "./lesions.js";
export { type PhantomCohortOptions, phantomCohort } from "./phantomCohort.js";
export type { IntensityWindow, PhantomLesion, PhantomStudy, PhantomTruth } from "./phantomStudy.js";
export type { PhantomLesionSpec } from "./placeLesions.js";
export type { Misregistration, PhantomOptions } from "./settings.js";
export { type PhantomStructure, phantomLabels } from "./structures.js";
