import { ones } from "./bitRows.js";
import type { Runs } from "./runs.js";

// Two loops of one kind over the voxels of runs in memory order, by the pieces of runs that lie in one word of one row.

/** All components in the memory order of their first voxels, and the number of voxels of each. */
export function sizesOf({ shape, rows, thick, barsPerSlice, first, before, components, component }: Runs): {
  readonly order: Int32Array;
  readonly size: Int32Array;
} {
  const { bits, wordsPerRow, rowsPerSlice } = rows;
  const size = new Int32Array(components);
  const order = new Int32Array(components + 1);
  let count = 0;
  for (let k = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++) {
      const row = (k * rowsPerSlice + j) * wordsPerRow;
      const bar = (Math.floor(k / thick) * barsPerSlice + Math.floor(j / thick)) * wordsPerRow;
      for (let w = 0; w < wordsPerRow; w++) {
        const here = bits[row + w]!;
        if (here === 0) continue;
        const begun = first[bar + w]!;
        const last = before[bar + w]! - 1;
        for (let rest = here; rest !== 0; ) {
          const lowest = rest & -rest;
          const piece = rest & ~(rest + lowest);
          rest ^= piece;
          const of = component[last + ones(begun & (lowest | (lowest - 1)))]!;
          order[count] = of;
          count += size[of] === 0 ? 1 : 0;
          size[of]! += 1 + Math.clz32(lowest) - Math.clz32(piece);
        }
      }
    }
  return { order: order.subarray(0, components), size };
}

/** Writes into each voxel the label of its component; 0 leaves voxels as they are. */
export function writeLabels(
  labels: Int32Array | Uint8Array,
  { shape, rows, thick, barsPerSlice, first, before, component }: Runs,
  labelOf: Int32Array | Uint8Array,
): void {
  const { bits, wordsPerRow, rowsPerSlice } = rows;
  for (let k = 0, start = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++, start += shape[0]) {
      const row = (k * rowsPerSlice + j) * wordsPerRow;
      const bar = (Math.floor(k / thick) * barsPerSlice + Math.floor(j / thick)) * wordsPerRow;
      for (let w = 0, at = start; w < wordsPerRow; w++, at += 32) {
        const here = bits[row + w]!;
        if (here === 0) continue;
        const begun = first[bar + w]!;
        const last = before[bar + w]! - 1;
        for (let rest = here; rest !== 0; ) {
          const lowest = rest & -rest;
          const piece = rest & ~(rest + lowest);
          rest ^= piece;
          const label = labelOf[component[last + ones(begun & (lowest | (lowest - 1)))]!]!;
          if (label === 0) continue;
          const end = at + 32 - Math.clz32(piece);
          for (let v = at + 31 - Math.clz32(lowest); v < end; v++) labels[v] = label;
        }
      }
    }
}
