import { quoted } from "../backend/tensors.js";
import { GadoliniteError } from "../core/errors.js";
import { checkFiniteNumber } from "../internal/check.js";
import type { CardCondition, ModelCard } from "../model/modelCard.js";

/** The card's conditions as the network takes them, (value − offset)/scale; throws `out-of-range` for one that is missing, unknown or beyond its range. */
export function conditionVector({ conditions }: ModelCard, given: Readonly<Record<string, number>>): readonly number[] {
  const known = conditions?.values ?? [];
  const names = known.map(({ name }) => name);
  const strange = Object.keys(given).filter((name) => !names.includes(name));
  if (strange.length > 0)
    throw new GadoliniteError("out-of-range", `The model's conditions are ${quoted(names)}; it has no ${quoted(strange)}.`);
  return known.map((condition) => (conditionValue(condition, given) - condition.offset) / condition.scale);
}

function conditionValue({ name, unit, range, ...condition }: CardCondition, given: Readonly<Record<string, number>>): number {
  const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? condition.default;
  if (value === undefined)
    throw new GadoliniteError("out-of-range", `The model needs the condition "${name}" (${unit}), which was not given.`);
  checkFiniteNumber(`Condition "${name}"`, value);
  if (range && !(value >= range[0] && value <= range[1]))
    throw new GadoliniteError(
      "out-of-range",
      `Condition "${name}" is ${value}, but the model was trained from ${range[0]} to ${range[1]} (${unit}).`,
    );
  return value;
}
