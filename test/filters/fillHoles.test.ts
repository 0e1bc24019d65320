import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillHoles } from "../../src/filters/fillHoles.js";
import { createGrid, createMask, type Vec3 } from "../../src/index.js";
import { mask, maskOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { eachVoxel } from "../support/oracles.js";
import { slowComponents } from "./oracles.js";

interface GoldenMasks {
  shape: Vec3;
  holes: Uint8Array;
  filled: { connectivity: 6 | 18 | 26; mask: Uint8Array }[];
}
const reference = golden<GoldenMasks>("filters/masks");

describe("fillHoles", () => {
  const full = "###\n###\n###";

  test("examples: a cavity is filled, a tunnel to the edge is not, nor anything on a single slice", () => {
    expect(fillHoles(maskOf(full, "###\n#.#\n###", full)).data).toEqual(maskOf(full, full, full).data);
    const tunnel = maskOf(full, "###\n#..\n###", full);
    expect(fillHoles(tunnel).data).toEqual(tunnel.data);
    const ring = maskOf("###\n#.#\n###");
    expect(fillHoles(ring).data).toEqual(ring.data);
    expect([...fillHoles(maskOf("..\n..")).data]).toEqual([0, 0, 0, 0]);
  });

  test("refuses", () => {
    expect(() => fillHoles(maskOf("#"), { connectivity: 8 as 6 })).toThrowError(/connectivity/);
  });

  test.each(reference.filled)("golden: scipy.ndimage.binary_fill_holes, $connectivity", ({ connectivity, mask }) => {
    const given = createMask(reference.holes, createGrid({ shape: reference.shape }));
    expect(fillHoles(given, { connectivity }).data).toEqual(mask);
  });

  test("fills those background components, by flooding, that have no voxel at the edge; twice is once", () =>
    fc.assert(
      fc.property(mask(6), fc.constantFrom(6 as const, 18 as const, 26 as const), (m, connectivity) => {
        const background = createMask(
          m.data.map((v) => 1 - v),
          m.grid,
        );
        const first = slowComponents(background, connectivity);
        const open = new Set<number>();
        const [ni, nj, nk] = m.grid.shape;
        eachVoxel(m.grid.shape, (i, j, k, v) => {
          if (i === 0 || j === 0 || k === 0 || i === ni - 1 || j === nj - 1 || k === nk - 1) open.add(first[v]!);
        });
        const filled = fillHoles(m, { connectivity });
        expect(filled.data).toEqual(m.data.map((v, i) => (v || !open.has(first[i]!) ? 1 : 0)));
        expect(fillHoles(filled, { connectivity }).data).toEqual(filled.data);
      }),
    ));
});
