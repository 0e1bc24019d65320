import { concatenate, lengthDelimited } from "../model/wire.js";

/** A model that every runtime can load: y = x for one number. What doesn't start with it doesn't start at all. */
export function probeModel(): Uint8Array<ArrayBuffer> {
  const named = (field: number, name: string) => lengthDelimited(field, new TextEncoder().encode(name));
  const one = Uint8Array.of(8, 1);
  const float32OfOne = lengthDelimited(2, lengthDelimited(1, one, lengthDelimited(2, lengthDelimited(1, one))));
  const node = lengthDelimited(1, named(1, "x"), named(2, "y"), named(4, "Identity"));
  const input = lengthDelimited(11, named(1, "x"), float32OfOne);
  const output = lengthDelimited(12, named(1, "y"), float32OfOne);
  // IR version 8, graph, operator set 13.
  return concatenate([
    Uint8Array.of(8, 8),
    lengthDelimited(7, node, named(2, "probe"), input, output),
    lengthDelimited(8, Uint8Array.of(16, 13)),
  ]);
}
