import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import { defaulted, integer, list, matching, number, object, oneOf, optional, type Reader, record, text } from "./json.js";
import type {
  CardChannel,
  CardCondition,
  CardConditions,
  CardInput,
  CardOutput,
  CardPatch,
  CardPreprocessing,
  ModelCard,
  SelfTest,
  SelfTestOutput,
} from "./modelCard.js";

const nonZero: Reader<number> = (value, path) =>
  value === 0 ? number(1, 1, "a finite number other than 0")(value, path) : number()(value, path);
const dims = list(integer(1), 1, 16);
const offset = defaulted(number(), 0);
const scale = defaulted(nonZero, 1);
const triple = <T>(entry: Reader<T>) => list(entry, 3, 3) as Reader<readonly T[]> as unknown as Reader<readonly [T, T, T]>;

const channel = object<CardChannel>({ name: text, offset, scale });
const condition = object<CardCondition>({
  name: text,
  unit: text,
  offset,
  scale,
  range: optional(list(number(), 2, 2) as unknown as Reader<readonly [number, number]>),
  default: optional(number()),
});
const selfTestOutput = object<SelfTestOutput>({ dims, mean: number(), rms: number(0), values: list(number(), 1) });

const card = object<ModelCard>({
  format: oneOf(1),
  name: text,
  version: text,
  description: text,
  intendedUse: text,
  limits: text,
  licence: text,
  inputs: list(object<CardInput>({ name: text, channels: list(channel, 1) }), 1),
  conditions: optional(object<CardConditions>({ input: text, values: list(condition, 1) })),
  output: object<CardOutput>({
    name: text,
    meaning: oneOf("standard-dose", "signal", "residual", "normalized-signal", "noise"),
    offset,
    scale,
  }),
  patch: object<CardPatch>({
    window: triple(integer(1)),
    divisibleBy: defaulted(triple(integer(1)), [1, 1, 1] as Vec3),
    marginVoxels: defaulted(integer(0), 0),
    overlap: defaulted(number(0, 1 - 2 ** -20, "a number from 0 up to but not 1"), 0.5),
  }),
  preprocessing: object<CardPreprocessing>({
    percentile: number(0, 100, "a number from 0 to 100"),
    within: oneOf("brain", "head"),
    spacingMm: optional(triple(number(Number.MIN_VALUE, Infinity, "a positive number"))),
  }),
  selfTest: optional(
    object<SelfTest>({
      seed: integer(0),
      inputs: record(dims),
      expected: record(selfTestOutput),
      tolerance: number(0, Infinity, "a number of 0 or more"),
    }),
  ),
  sha256: optional(matching(/^[0-9a-f]{64}$/, "64 hexadecimal digits in lower case")),
});

/**
 * Checks a model card and fills in its defaults. Strict: a field that is missing, strange or out of range is refused by its path.
 *
 * @param json the card as a JSON text, or as the object that such a text gives
 * @returns a new object, field for field a {@link ModelCard}
 * @throws `bad-model` naming the field, what was expected and what came
 * @example
 * const card = parseCard(await readFile("model.json", "utf8"));
 */
export function parseCard(json: unknown): ModelCard {
  const parsed = card(typeof json === "string" ? parseJson(json) : json, "card");
  const inputs = [...parsed.inputs.map(({ name }) => name), ...(parsed.conditions ? [parsed.conditions.input] : [])];
  checkUnique("inputs and conditions", inputs);
  checkUnique("conditions.values", parsed.conditions?.values.map(({ name }) => name) ?? []);
  const { window, divisibleBy } = parsed.patch;
  if (window.some((n, axis) => n % divisibleBy[axis]! !== 0))
    throw new GadoliniteError(
      "bad-model",
      `Model card: card.patch.window [${window}] must be a multiple of card.patch.divisibleBy [${divisibleBy}].`,
    );
  for (const { name, range, default: fallback } of parsed.conditions?.values ?? [])
    if (range && !(range[0] <= range[1] && (fallback === undefined || (fallback >= range[0] && fallback <= range[1]))))
      throw new GadoliniteError(
        "bad-model",
        `Model card: the range [${range}] of condition "${name}" must rise and hold its default.`,
      );
  return parsed;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new GadoliniteError("bad-model", `The model card is no JSON: ${(cause as Error).message}.`, { cause });
  }
}

function checkUnique(path: string, names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new GadoliniteError("bad-model", `Model card: card.${path} has the name "${twice}" twice.`);
}
