import type { Mask, Volume } from "./volume.js";

/** Pulse sequences whose signal equation is known. */
export type Sequence = "spoiled-gradient-echo" | "spin-echo";

/** How the scans were made; what is not known is left out, never guessed. */
export interface Acquisition {
  readonly fieldStrengthT?: number;
  readonly sequence?: Sequence;
  readonly repetitionTimeMs?: number;
  readonly echoTimeMs?: number;
  readonly flipAngleDeg?: number;
}

/** What was given before a contrast-enhanced scan. */
export interface Injection {
  /** Generic name of the agent in lower case, e.g. `"gadobutrol"`. */
  readonly agent?: string;
  readonly doseMmolPerKg?: number;
  readonly volumeMl?: number;
  readonly concentrationMmolPerMl?: number;
  readonly patientWeightKg?: number;
}

/** A scan after contrast agent. */
export interface ContrastScan {
  readonly volume: Volume;
  /** Fraction of the standard dose (= 1). */
  readonly dose: number;
  readonly injection?: Injection;
}

/** One examination of one patient: scans before and after contrast agent, on one grid once prepared. */
export interface Study {
  /** Name of the examination, unique in a cohort. */
  readonly id: string;
  /** Name of the patient: examinations of one patient stay together when a cohort is split. */
  readonly patient: string;
  readonly preContrast: Volume;
  /** By rising dose. */
  readonly postContrast: readonly ContrastScan[];
  /** Further sequences by name, e.g. `flair`, `adc`. */
  readonly others: Readonly<Record<string, Volume>>;
  readonly acquisition: Acquisition;
  readonly brain?: Mask;
  /** All lesions together; `connectedComponents` tells them apart. */
  readonly lesions?: Mask;
}
