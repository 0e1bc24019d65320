/** A contrast agent as its label describes it. */
export interface Agent {
  /** Generic name in lower case. */
  readonly name: string;
  readonly concentrationMmolPerMl: number;
  readonly standardDoseMmolPerKg: number;
}

/**
 * Agents on gadolinium, by the words that consoles write.
 *
 * @see Prescribing information of Gadavist, Dotarem, ProHance, Magnevist, MultiHance, Omniscan, OptiMARK, Elucirem and Eovist
 */
const AGENTS: readonly (readonly [words: RegExp, agent: Agent])[] = [
  agent(/gadovist|gadavist|gadobutrol/, "gadobutrol", 1, 0.1),
  agent(/dotarem|clariscan|gadoter(ate|ic)/, "gadoterate", 0.5, 0.1),
  agent(/prohance|gadoteridol/, "gadoteridol", 0.5, 0.1),
  agent(/magnevist|gadopentet/, "gadopentetate", 0.5, 0.1),
  agent(/multihance|gadoben/, "gadobenate", 0.5, 0.1),
  agent(/omniscan|gadodiamide/, "gadodiamide", 0.5, 0.1),
  agent(/optimark|gadoversetamide/, "gadoversetamide", 0.5, 0.1),
  agent(/elucirem|vueway|gadopiclenol/, "gadopiclenol", 0.5, 0.05),
  agent(/eovist|primovist|gadoxet/, "gadoxetate", 0.25, 0.025),
];

function agent(words: RegExp, name: string, concentrationMmolPerMl: number, standardDoseMmolPerKg: number) {
  return [words, { name, concentrationMmolPerMl, standardDoseMmolPerKg }] as const;
}

/** The agent that words name; undefined if they name none that is known, or several. */
export function agentOf(words: string): Agent | undefined {
  const found = AGENTS.filter(([pattern]) => pattern.test(words.toLowerCase()));
  return found.length === 1 ? found[0]![1] : undefined;
}
