import { GadoliniteError } from "../../core/errors.js";
import type { GraphBuilder } from "../../model/graph/builder.js";
import { formatShape, type Value } from "../../model/graph/graph.js";

/** What is left of [batch, channel, …] without `margin` voxels at each side. Throws `out-of-range` if that is nothing. */
export function withMargin(b: GraphBuilder, value: Value, margin: number): Value {
  if (margin === 0) return value;
  const space = value.shape.slice(2);
  if (space.some((size) => typeof size === "number" && size <= 2 * margin))
    throw new GadoliniteError(
      "out-of-range",
      `A margin of ${margin} voxels at each side leaves nothing of ${formatShape(space)}. Take larger patches, or margin: 0.`,
    );
  const every = (n: number) =>
    b.constant(
      "margin",
      space.map(() => n),
    );
  const axes = b.constant(
    "space",
    space.map((_, n) => n + 2),
  );
  return b.node("Slice", [value, every(margin), every(-margin), axes]);
}
