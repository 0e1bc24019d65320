import fc from "fast-check";
import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import { asNdarray, fromNdarray } from "../../src/ndarray/index.js";
import { grid, mask, shape, volume, volumeOf } from "../support/arbitraries.js";
import { eachVoxel } from "../support/oracles.js";

const ARRAYS = [
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
];

describe("asNdarray", () => {
  test("is a view: what is written to it is written to the volume", () => {
    const v = volumeOf([2, 1, 2], [1, 2, 3, 4]);
    const view = asNdarray(v);
    expect(view.data).toBe(v.data);
    expect(view.get(1, 0, 1)).toBe(4);
    view.set(0, 0, 1, 9);
    expect(v.data[2]).toBe(9);
  });

  test("of every voxel type, and of masks", () => {
    const g = createGrid({ shape: [1, 1, 1] });
    expect(asNdarray(createVolume(Int16Array.of(-3), g)).dtype).toBe("int16");
    expect(asNdarray(createVolume(Uint16Array.of(3), g)).dtype).toBe("uint16");
    expect(asNdarray({ grid: g, data: Uint8Array.of(1) }).dtype).toBe("uint8");
  });

  test("element (i, j, k) is voxel (i, j, k)", () =>
    fc.assert(
      fc.property(fc.oneof(volume(), mask()), (v) => {
        const view = asNdarray<Float32Array | Uint8Array>(v);
        expect(view.shape).toEqual([...v.grid.shape]);
        eachVoxel(v.grid.shape, (i, j, k, n) => expect(view.get(i, j, k)).toBe(v.data[n]));
        // Its shape is its own: a reshaped view leaves the grid alone.
        expect(view.shape).not.toBe(v.grid.shape);
      }),
    ));
});

describe("fromNdarray", () => {
  test("NumPy's order, k first", () => {
    const values = [1, 2, 3, 4, 5, 6];
    const v = fromNdarray(ndarray(values, [1, 2, 3]).transpose(2, 1, 0));
    expect(v.grid).toEqual(createGrid({ shape: [3, 2, 1] }));
    expect(v.data).toEqual(Float32Array.from(values));
  });

  test("always copies", () => {
    const v = volumeOf([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const copy = fromNdarray(asNdarray(v), v.grid);
    expect(copy.data).toEqual(v.data);
    expect(copy.data).not.toBe(v.data);
    expect(copy.grid).toBe(v.grid);
  });

  test("of accessors", () => {
    const squares = { length: 8, get: (n: number) => n * n, set: () => 0 };
    const generic = ndarray(squares, [2, 2, 2]);
    expect(generic.dtype).toBe("generic");
    expect([...fromNdarray(generic).data]).toEqual([0, 16, 4, 36, 1, 25, 9, 49]);
  });

  test("rounds to float32; what is larger is infinite", () => {
    const values = Float64Array.of(0.1, 1e300, -1e300, Number.NaN);
    expect(fromNdarray(ndarray(values, [4, 1, 1])).data).toEqual(
      Float32Array.of(Math.fround(0.1), Infinity, -Infinity, Number.NaN),
    );
  });

  test("refuses", () => {
    const g = createGrid({ shape: [1, 2, 3] });
    const refused = (array: ndarray.NdArray, message: RegExp, code = "out-of-range") => {
      expect(() => fromNdarray(array, g)).toThrowError(message);
      expect(() => fromNdarray(array, g)).toThrowError(expect.objectContaining({ code }));
    };
    refused(ndarray(new Float32Array(6), [3, 2, 1]), /transpose\(2, 1, 0\)/);
    refused(ndarray(new Float32Array(6), [2, 3]), /three dimensions/);
    refused(ndarray(new Float32Array(6), [1, 1, 2, 3]), /three dimensions/);
    refused(ndarray(new BigInt64Array(6), [1, 2, 3]) as never, /holds bigints/, "unsupported");
    refused(ndarray([true, true, true, true, true, true], [1, 2, 3]) as never, /holds booleans/, "unsupported");
    expect(() => fromNdarray(ndarray(new Float32Array(0), [0, 2, 3]))).toThrowError(/positive integers/);
  });

  describe("laws", () => {
    test("there and back is the same", () =>
      fc.assert(
        fc.property(volume(), (v) => {
          expect(fromNdarray(asNdarray(v), v.grid)).toEqual(v);
        }),
      ));

    test("any stride, offset, order and type: element (i, j, k) becomes voxel (i, j, k)", () =>
      fc.assert(
        fc.property(
          shape(5),
          fc.constantFrom(...ARRAYS),
          fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
          fc.tuple(step(), step(), step()),
          fc.nat(5),
          (size, Data, order, steps, offset) => {
            // A buffer in the given order of axes, seen through steps that may leave gaps or run backwards.
            const room = size.map((n, axis) => n * Math.abs(steps[axis]!)) as unknown as Vec3;
            const stride = [0, 0, 0];
            let length = 1;
            for (const axis of order) {
              stride[axis] = length;
              length *= room[axis]!;
            }
            const data = new Data(length + offset);
            for (let n = 0; n < data.length; n++) data[n] = (n * 7919) % 251;
            const whole = ndarray(data, [...room], stride, offset);
            const array = whole.step(...steps);
            const first = steps.map((s, axis) => (s < 0 ? room[axis]! - 1 : 0));
            const v = fromNdarray(array);
            expect(v.data).toBeInstanceOf(Float32Array);
            eachVoxel(size, (i, j, k, n) => {
              const at = [i, j, k].map((x, axis) => (first[axis]! + x * steps[axis]!) * stride[axis]!);
              expect(v.data[n]).toBe(data[offset + at[0]! + at[1]! + at[2]!]);
            });
          },
        ),
      ));

    test("parts and transposes of a view are read as ndarray reads them", () =>
      fc.assert(
        fc.property(volume(), fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), fc.nat(), (v, order, at) => {
          const low = v.grid.shape.map((n) => at % n);
          const part = asNdarray(v)
            .lo(...low)
            .transpose(...order);
          const result = fromNdarray(part);
          eachVoxel(result.grid.shape, (i, j, k, n) => expect(result.data[n]).toBe(part.get(i, j, k)));
        }),
      ));

    test("the grid given is the grid of the volume", () =>
      fc.assert(
        fc.property(grid(), (g) => {
          const zeros = ndarray(new Int8Array(g.shape[0] * g.shape[1] * g.shape[2]), [...g.shape]);
          expect(fromNdarray(zeros, g).grid).toBe(g);
        }),
      ));
  });
});

const step = () => fc.constantFrom(1, 2, 3, -1, -2);
