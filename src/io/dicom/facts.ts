import type { Acquisition, Injection, Sequence } from "../../core/study.js";
import { agentOf } from "./agents.js";
import { type Dataset, freeText, items, number, text, texts } from "./dataset.js";
import type { Frame } from "./frames.js";
import type { Keyword } from "./tags.js";

/** How the frames were acquired; what they do not say, or not all alike, is left out. */
export function acquisitionOf(frames: readonly Frame[]): Acquisition {
  const { dataset } = frames[0]!.file;
  const timing = (keyword: Keyword) => agreed(frames, "MRTimingAndRelatedParametersSequence", keyword);
  const sequence = sequenceOf(dataset);
  return defined({
    fieldStrengthT: positive(number(dataset, "MagneticFieldStrength")),
    sequence,
    repetitionTimeMs: timing("RepetitionTime"),
    echoTimeMs: agreed(frames, "MREchoSequence", "EffectiveEchoTime") ?? agreed(frames, "MREchoSequence", "EchoTime"),
    flipAngleDeg: timing("FlipAngle"),
  });
}

/** The number on which all frames agree. */
function agreed(frames: readonly Frame[], group: Keyword, keyword: Keyword): number | undefined {
  const [value] = frames[0]!.attribute(group, keyword);
  return frames.every((frame) => frame.attribute(group, keyword)[0] === value) ? positive(value) : undefined;
}

/** A file's own words for its sequence: of a classic image in the first two, of an enhanced one in the others. */
function sequenceOf(dataset: Dataset): Sequence | undefined {
  const pulses = texts(dataset, "ScanningSequence");
  if (pulses.length > 0) return sequenceNamed(pulses, texts(dataset, "SequenceVariant"));
  const [shared] = items(dataset, "SharedFunctionalGroupsSequence");
  const [modifier] = shared ? items(shared, "MRModifierSequence") : [];
  const prepared = [text(dataset, "EchoPlanarPulseSequence"), modifier && text(modifier, "InversionRecovery")].includes("YES");
  const pulse = { SPIN: "SE", GRADIENT: "GR" }[text(dataset, "EchoPulseSequence") ?? ""];
  if (prepared || !pulse) return undefined;
  return sequenceNamed([pulse], /RF/.test(text(dataset, "Spoiling") ?? "") ? ["SP"] : []);
}

/**
 * The sequence of DICOM's words, if its signal equation is known: inversion and magnetisation preparation (IR, MP) and steady states (SS,
 * TRSS) have others.
 */
export function sequenceNamed(pulses: readonly string[], variants: readonly string[]): Sequence | undefined {
  if (pulses.length !== 1) return undefined;
  const spoiled = variants.includes("SP") && !variants.some((variant) => ["MP", "SS", "TRSS"].includes(variant));
  if (pulses[0] === "GR") return spoiled ? "spoiled-gradient-echo" : undefined;
  return pulses[0] === "SE" ? "spin-echo" : undefined;
}

/** What was injected, and the fraction of the standard dose that it is. */
export interface Contrast {
  readonly injection: Injection;
  readonly dose?: number;
}

// mg of gadolinium in a mmol: the standard counts the active ingredient of a millilitre in mg.
const GADOLINIUM_MG_PER_MMOL = 157.25;

/**
 * What a file says of its contrast agent; undefined if it names none and no volume of one.
 *
 *     dose in mmol/kg = volume · concentration / weight
 *
 * The concentration is that of the agent's label. Of an agent that is not known it is what the file says, in mg of gadolinium a
 * ml, if that makes 0.1 to 1.1 mmol/ml: consoles write mmol, or mg of the whole molecule, too.
 */
export function contrastOf(dataset: Dataset): Contrast | undefined {
  const enhanced = items(dataset, "ContrastBolusAgentSequence");
  const words =
    freeText(dataset, "ContrastBolusAgent") ??
    enhanced
      .map((item) => freeText(item, "CodeMeaning") ?? "")
      .join(" ")
      .trim();
  const from = [dataset, ...enhanced];
  const first = (keyword: Keyword) => from.map((item) => positive(number(item, keyword))).find((value) => value !== undefined);
  // The total dose counts the agent undiluted; the volume may be diluted, and often is the only one given.
  const volumeMl = first("ContrastBolusTotalDose") ?? first("ContrastBolusVolume");
  if (!words && volumeMl === undefined) return undefined;
  const agent = agentOf(words);
  const isGadolinium = from.some((item) => text(item, "ContrastBolusIngredient") === "GADOLINIUM");
  const written = isGadolinium ? first("ContrastBolusIngredientConcentration") : undefined;
  const concentration =
    agent?.concentrationMmolPerMl ?? plausible(written === undefined ? undefined : written / GADOLINIUM_MG_PER_MMOL);
  const weight = positive(number(dataset, "PatientWeight"));
  const dose = volumeMl && concentration && weight ? (volumeMl * concentration) / weight : undefined;
  return {
    injection: defined({
      agent: agent?.name ?? (words.toLowerCase() || undefined),
      doseMmolPerKg: dose,
      volumeMl,
      concentrationMmolPerMl: concentration,
      patientWeightKg: weight,
    }),
    ...(dose !== undefined && agent ? { dose: dose / agent.standardDoseMmolPerKg } : {}),
  };
}

const plausible = (mmolPerMl: number | undefined) =>
  mmolPerMl !== undefined && mmolPerMl >= 0.1 && mmolPerMl <= 1.1 ? mmolPerMl : undefined;

const positive = (value: number | undefined) => (value !== undefined && value > 0 && value < Infinity ? value : undefined);

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
const defined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
