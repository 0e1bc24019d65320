import { GadoliniteError } from "../core/errors.js";
import { checkOneOf } from "../internal/check.js";

/** Where a relaxivity was measured. */
export type RelaxivitySource = "shen2015" | "szomolanyi2019-blood" | "szomolanyi2019-plasma" | "robic2019";

export interface RelaxivityOptions {
  /** Default: the first of `"shen2015"` (human whole blood, 37 °C) and `"robic2019"` that lists the agent. */
  readonly source?: RelaxivitySource;
}

export interface Relaxivity {
  /** Generic name, in lower case. */
  readonly agent: string;
  readonly fieldStrengthT: number;
  /** Longitudinal relaxivity r1 in L/(mmol·s), that is 1/(mM·s). */
  readonly r1LPerMmolS: number;
  /** Its standard deviation, where the source gives one. */
  readonly sdLPerMmolS?: number;
  readonly medium: string;
  readonly source: RelaxivitySource;
  readonly citation: string;
}

interface Source {
  readonly medium: string;
  readonly citation: string;
  /** Agent → field strength in T → [r1, standard deviation?]. */
  readonly values: Readonly<Record<string, Readonly<Record<number, readonly [number, number?]>>>>;
}

const SOURCES: Readonly<Record<RelaxivitySource, Source>> = {
  shen2015: {
    medium: "human whole blood, 37 °C",
    citation: "Shen et al. 2015, Invest Radiol 50:330",
    values: {
      gadoterate: { 1.5: [3.9, 0.2], 3: [3.4, 0.4], 7: [2.8, 0.4] },
      gadobutrol: { 1.5: [4.6, 0.2], 3: [4.5, 0.3], 7: [4.2, 0.3] },
      gadopentetate: { 1.5: [4.3, 0.4], 3: [3.8, 0.2], 7: [3.1, 0.4] },
      gadobenate: { 1.5: [6.2, 0.5], 3: [5.4, 0.3], 7: [4.7, 0.1] },
      gadodiamide: { 1.5: [4.5, 0.1], 3: [3.9, 0.2], 7: [3.7, 0.2] },
      gadoversetamide: { 1.5: [4.4, 0.2], 3: [4.2, 0.2], 7: [4.3, 0.2] },
      gadoxetate: { 1.5: [7.2, 0.2], 3: [5.5, 0.3], 7: [4.9, 0.1] },
      gadoteridol: { 1.5: [4.4, 0.6], 3: [3.5, 0.6], 7: [3.4, 0.1] },
    },
  },
  "szomolanyi2019-blood": {
    medium: "human blood, 37 °C",
    citation: "Szomolanyi et al. 2019, Invest Radiol 54:559",
    values: { gadobutrol: { 3: [3.47, 0.16] }, gadoteridol: { 3: [2.61, 0.16] }, gadoterate: { 3: [2.72, 0.17] } },
  },
  "szomolanyi2019-plasma": {
    medium: "human plasma, 37 °C",
    citation: "Szomolanyi et al. 2019, Invest Radiol 54:559",
    values: {
      gadobutrol: { 1.5: [4.78, 0.12], 3: [4.97, 0.59], 7: [3.83, 0.24] },
      gadoteridol: { 1.5: [3.8, 0.1], 3: [3.28, 0.09], 7: [3.21, 0.07] },
      gadoterate: { 1.5: [3.32, 0.13], 3: [3.0, 0.13], 7: [2.84, 0.09] },
    },
  },
  robic2019: {
    medium: "plasma or serum, 37 °C (second-hand: from a public table, not read in the paper)",
    citation: "Robic et al. 2019, Invest Radiol 54:475",
    values: { gadopiclenol: { 1.5: [12.8], 3: [11.6] } },
  },
};

/** Trade names, and the salts under which agents are listed. */
const ALIASES: Readonly<Record<string, string>> = {
  dotarem: "gadoterate",
  clariscan: "gadoterate",
  gadovist: "gadobutrol",
  gadavist: "gadobutrol",
  prohance: "gadoteridol",
  magnevist: "gadopentetate",
  multihance: "gadobenate",
  omniscan: "gadodiamide",
  optimark: "gadoversetamide",
  eovist: "gadoxetate",
  primovist: "gadoxetate",
  elucirem: "gadopiclenol",
  vueway: "gadopiclenol",
};

/**
 * Longitudinal relaxivity of a contrast agent at a field strength, with the study that measured it. Studies differ by some 20 %.
 *
 * @param agent generic name with or without its salt (`"gadoterate meglumine"`) or trade name (`"Dotarem"`), in any case
 * @param fieldStrengthT nominal field strength in T, as the source lists it: 1.5, 3 or 7. Nothing is interpolated: round a
 *   header's 2.89 to 3 yourself.
 * @throws `out-of-range` for an agent that no source (or not the one asked for) lists, a field strength it doesn't list, or an unknown
 *   source; the message names what is known
 * @see Shen et al. 2015, Invest Radiol 50:330; Szomolanyi et al. 2019, Invest Radiol 54:559; Robic et al. 2019, Invest Radiol 54:475
 * @example
 * relaxivity("Gadovist", 3).r1LPerMmolS; // 4.5
 */
export function relaxivity(agent: string, fieldStrengthT: number, options: RelaxivityOptions = {}): Relaxivity {
  const name = genericName(agent);
  const { source = name in SOURCES.shen2015.values ? "shen2015" : "robic2019" } = options;
  checkOneOf("source", source, Object.keys(SOURCES) as RelaxivitySource[]);
  const { values, medium, citation } = SOURCES[source];
  if (!Object.hasOwn(values, name))
    throw new GadoliniteError(
      "out-of-range",
      `No relaxivity of "${agent}" is known${options.source ? ` from ${source}` : ""}. ${knownAgents(options.source)}`,
    );
  const byField = values[name]!;
  if (!Object.hasOwn(byField, fieldStrengthT))
    throw new GadoliniteError(
      "out-of-range",
      `The relaxivity of ${name} is known at ${fieldsOf(byField)} T (${source}), not at ${fieldStrengthT} T. Give the nominal field strength.`,
    );
  const [r1, sd] = byField[fieldStrengthT]!;
  return {
    agent: name,
    fieldStrengthT,
    r1LPerMmolS: r1,
    ...(sd !== undefined && { sdLPerMmolS: sd }),
    medium,
    source,
    citation,
  };
}

/** Object.keys alone would put 3 before 1.5. */
function fieldsOf(byField: object): string {
  return Object.keys(byField)
    .sort((a, b) => Number(a) - Number(b))
    .join(", ");
}

function genericName(agent: string): string {
  const word = agent
    .trim()
    .toLowerCase()
    .split(/[\s,(]/)[0]!;
  return Object.hasOwn(ALIASES, word) ? ALIASES[word]! : word;
}

function knownAgents(source: RelaxivitySource | undefined): string {
  const sources = source ? [SOURCES[source]] : Object.values(SOURCES);
  const names = [...new Set(sources.flatMap(({ values }) => Object.keys(values)))];
  const trade = Object.keys(ALIASES).filter((name) => names.includes(ALIASES[name]!));
  return `Known are ${names.join(", ")} and, by trade name, ${trade.join(", ")}.`;
}
