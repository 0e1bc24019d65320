import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { componentMask, connectedComponents } from "../../src/filters/connectedComponents.js";
import { largestComponent } from "../../src/filters/largestComponent.js";
import { createGrid, createMask, type Vec3 } from "../../src/index.js";
import { mask, maskOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { slowComponents } from "./oracles.js";

interface GoldenMasks {
  shape: Vec3;
  sparse: Uint8Array;
  labels: { connectivity: 6 | 18 | 26; labels: Int32Array; sizes: number[] }[];
}
const reference = golden<GoldenMasks>("filters/masks");
const connectivity = () => fc.constantFrom(6 as const, 18 as const, 26 as const);

describe("connectedComponents", () => {
  test("examples: the largest first, then by memory order", () => {
    const m = maskOf("#.##\n....\n#...");
    expect([...connectedComponents(m).labels]).toEqual([2, 0, 1, 1, 0, 0, 0, 0, 3, 0, 0, 0]);
    expect(connectedComponents(m).sizes).toEqual([2, 1, 1]);
  });

  test("faces, edges and corners", () => {
    const edge = maskOf("#.\n.#");
    expect(connectedComponents(edge, { connectivity: 6 }).sizes).toEqual([1, 1]);
    expect(connectedComponents(edge, { connectivity: 18 }).sizes).toEqual([2]);
    const corner = maskOf("#.\n..", "..\n.#");
    expect(connectedComponents(corner, { connectivity: 18 }).sizes).toEqual([1, 1]);
    expect(connectedComponents(corner).sizes).toEqual([2]);
  });

  test("arms that meet late are one component", () => {
    expect(connectedComponents(maskOf("#.#.#\n#.#.#\n#####"), { connectivity: 6 }).sizes).toEqual([11]);
  });

  test("an empty mask has none", () => {
    const none = connectedComponents(maskOf("..\n.."));
    expect(none.sizes).toEqual([]);
    expect([...none.labels]).toEqual([0, 0, 0, 0]);
    expect([...largestComponent(maskOf("..\n..")).data]).toEqual([0, 0, 0, 0]);
  });

  test("refuses", () => {
    const m = maskOf("#");
    expect(() => connectedComponents(m, { connectivity: 8 as 6 })).toThrowError(/connectivity/);
    expect(() => largestComponent(m, { connectivity: 8 as 6 })).toThrowError(/connectivity/);
    for (const label of [0, 2, 0.5]) expect(() => componentMask(connectedComponents(m), label)).toThrowError(/label/);
  });

  test.each(reference.labels)("golden: scipy.ndimage.label, $connectivity", ({ connectivity, labels, sizes }) => {
    const out = connectedComponents(createMask(reference.sparse, createGrid({ shape: reference.shape })), { connectivity });
    expect(out.labels).toEqual(labels);
    expect(out.sizes).toEqual(sizes);
  });

  test("equals flooding", () =>
    fc.assert(
      fc.property(mask(6), connectivity(), (m, c) => {
        const slow = slowComponents(m, c);
        const { labels, sizes } = connectedComponents(m, { connectivity: c });
        const labelOf = new Map<number, number>();
        slow.forEach((first, v) => {
          expect(labels[v] === 0).toBe(first < 0);
          if (!labelOf.has(first)) labelOf.set(first, labels[v]!);
          expect(labels[v]).toBe(labelOf.get(first));
        });
        labelOf.delete(-1);
        expect(new Set(labelOf.values()).size).toBe(sizes.length);
        expect(labelOf.size).toBe(sizes.length);
      }),
    ));

  // Rows of more than 32 voxels, and not of a multiple of 4 or 32: runs that go on, begin, end and touch at the ends of words and rows.
  const wide = fc
    .tuple(fc.constantFrom(31, 32, 33, 63, 64, 65, 70), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
    .chain(([ni, nj, nk]) =>
      fc
        .array(fc.constantFrom(0, 0, 1), { minLength: ni * nj * nk, maxLength: ni * nj * nk })
        .map((voxels) => createMask(Uint8Array.from(voxels), createGrid({ shape: [ni, nj, nk] }))),
    );

  test("equals flooding on long rows, wherever the mask lies in its buffer", () =>
    fc.assert(
      fc.property(wide, connectivity(), fc.integer({ min: 0, max: 3 }), ({ data, grid }, c, offset) => {
        const shifted = new Uint8Array(new ArrayBuffer(data.length + offset), offset);
        shifted.set(data);
        const m = { grid, data: shifted };
        const slow = slowComponents(m, c);
        const { labels, sizes } = connectedComponents(m, { connectivity: c });
        const roots = [...new Set(slow)].filter((first) => first >= 0);
        const sizeOf = (first: number) => slow.reduce((n, v) => n + (v === first ? 1 : 0), 0);
        // By falling size, and the earlier of equals first.
        const order = roots.sort((a, b) => sizeOf(b) - sizeOf(a) || slow.indexOf(a) - slow.indexOf(b));
        expect(sizes).toEqual(order.map(sizeOf));
        expect([...labels]).toEqual(Array.from(slow, (first) => (first < 0 ? 0 : order.indexOf(first) + 1)));
      }),
    ));

  test("large components and small ones, by falling size", () => {
    const grid = createGrid({ shape: [70, 60, 1] });
    const data = new Uint8Array(70 * 60);
    // 1 voxel, 18 rows, 1 voxel, 16 rows, 18 rows, with rows between them.
    data[0] = 1;
    data.fill(1, 2 * 70, 20 * 70);
    data[21 * 70 + 5] = 1;
    data.fill(1, 23 * 70, 39 * 70);
    data.fill(1, 40 * 70, 58 * 70);
    const { sizes, labels } = connectedComponents(createMask(data, grid));
    expect(sizes).toEqual([1260, 1260, 1120, 1, 1]);
    expect([0, 2 * 70, 21 * 70 + 5, 23 * 70, 40 * 70].map((v) => labels[v])).toEqual([4, 1, 5, 3, 2]);
  });

  test("components part the mask, by falling size, and the first is the largest component", () =>
    fc.assert(
      fc.property(mask(), connectivity(), (m, c) => {
        const components = connectedComponents(m, { connectivity: c });
        const parts = components.sizes.map((_, n) => componentMask(components, n + 1));
        const sum = m.data.map((_, v) => parts.reduce((total, part) => total + part.data[v]!, 0));
        expect(sum).toEqual(m.data);
        parts.forEach((part, n) => {
          const size = part.data.reduce((a, b) => a + b, 0);
          expect(size).toBe(components.sizes[n]);
          if (n > 0) expect(size).toBeLessThanOrEqual(components.sizes[n - 1]!);
        });
        if (parts[0]) expect(largestComponent(m, { connectivity: c }).data).toEqual(parts[0].data);
      }),
    ));
});
