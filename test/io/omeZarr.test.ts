import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crop } from "../../src/geometry/index.js";
import { createGrid, createVolume, type Vec3, type Volume, type VoxelArray } from "../../src/index.js";
import { openOmeZarr, type WriteOmeZarrOptions, writeOmeZarr, type ZarrKey } from "../../src/io/index.js";
import { zarrFolder } from "../../src/node/index.js";
import { shape, spacing } from "../support/arbitraries.js";
import { refusal } from "./files.js";

type Store = Map<ZarrKey, Uint8Array>;

/** Any grid whose axes are those of the world, in any order and direction. */
const alignedGrid = () =>
  fc
    .tuple(
      shape(),
      spacing(),
      fc.constantFrom<Vec3[]>([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]),
      fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      fc.tuple(
        fc.integer({ min: -200, max: 200 }),
        fc.integer({ min: -200, max: 200 }),
        fc.double({ min: -99, max: 99, noNaN: true }),
      ),
    )
    .map(([size, mm, order, flipped, at]) => {
      const affine = new Float64Array(16);
      affine[15] = 1;
      order.forEach((world, column) => (affine[4 * world + column] = mm[column]! * (flipped[column] ? -1 : 1)));
      at.forEach((v, row) => (affine[4 * row + 3] = v + 0));
      return createGrid({ shape: size, affine });
    });

const ARRAYS = [Float32Array, Int16Array, Uint16Array, Uint8Array] as const;
const volumes = () =>
  fc.tuple(alignedGrid(), fc.constantFrom(...ARRAYS)).chain(([grid, array]) => {
    const n = grid.shape[0] * grid.shape[1] * grid.shape[2];
    const value = fc.integer({
      min: array === Int16Array || array === Float32Array ? -999 : 0,
      max: array === Uint8Array ? 255 : 999,
    });
    return fc.array(value, { minLength: n, maxLength: n }).map((v) => createVolume<VoxelArray>(array.from(v), grid));
  });

const written = async (volume: Volume<VoxelArray>, options: WriteOmeZarrOptions = {}): Promise<Store> => {
  const store: Store = new Map();
  await writeOmeZarr(store, volume, options);
  return store;
};

const small = () =>
  createVolume(
    Float32Array.from({ length: 60 }, (_, n) => n),
    createGrid({ shape: [5, 4, 3], spacingMm: [1, 2, 3] }),
  );

/** A store in which a file of JSON is another. */
const changed = (store: Store, key: ZarrKey, change: (content: never) => unknown): Store =>
  new Map(store).set(
    key,
    new TextEncoder().encode(JSON.stringify(change(JSON.parse(new TextDecoder().decode(store.get(key))) as never))),
  );

describe("openOmeZarr and writeOmeZarr", () => {
  test("read ∘ write = id, in both versions, compressed or not, in chunks of any size", () =>
    fc.assert(
      fc.asyncProperty(
        volumes(),
        shape(4),
        fc.constantFrom<("0.4" | "0.5")[]>("0.4", "0.5"),
        fc.boolean(),
        async (volume, chunkShape, version, gzip) => {
          const store = await written(volume, { chunkShape, version, gzip });
          const image = await openOmeZarr(store);
          expect(image.grid).toEqual(volume.grid);
          expect(image.header).toMatchObject({ format: "ome-zarr", version, axes: ["z", "y", "x"], levels: 1 });
          expect((await image.read()).data).toEqual(Float32Array.from(volume.data));
        },
      ),
    ));

  test("a region is what crop cuts out, and fetches the chunks it lies in alone", async () => {
    const volume = small();
    const store = await written(volume, { chunkShape: [2, 2, 2] });
    const fetched: string[] = [];
    const image = await openOmeZarr({
      get(key) {
        fetched.push(key);
        return store.get(key);
      },
    });
    expect(fetched.filter((key) => key.includes("/c/"))).toEqual([]);
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 3 }), fc.nat({ max: 2 })),
        fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 9 })),
        async (start, more) => {
          const box = { start, shape: start.map((s, n) => 1 + (more[n]! % (volume.grid.shape[n]! - s))) as unknown as Vec3 };
          expect(await image.read(box)).toEqual(crop(volume, box));
        },
      ),
    );
    fetched.length = 0;
    await image.read({ start: [2, 0, 2], shape: [2, 2, 1] });
    expect(fetched).toEqual(["/0/c/1/0/1"]);
  });

  test("axes without orientation count as in ITK, units are turned into mm, and transforms add up", async () => {
    const store = changed(
      await written(small()),
      "/zarr.json",
      (content: { attributes: { ome: { multiscales: Record<string, unknown>[] } } }) => {
        const [image] = content.attributes.ome.multiscales;
        image!["axes"] = ["z", "y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
        image!["datasets"] = [
          {
            path: "0",
            coordinateTransformations: [
              { type: "scale", scale: [3, 2, 1] },
              { type: "translation", translation: [30, 20, 10] },
            ],
          },
        ];
        image!["coordinateTransformations"] = [{ type: "scale", scale: [1000, 1000, 2000] }];
        return content;
      },
    );
    const { grid } = await openOmeZarr(store);
    expect([...grid.affine]).toEqual([-2, 0, 0, -20, 0, -2, 0, -20, 0, 0, 3, 30, 0, 0, 0, 1]);
  });

  test("places along other axes", async () => {
    let store = await written(small(), { version: "0.4", gzip: false });
    store = changed(store, "/.zattrs", (content: { multiscales: Record<string, unknown>[] }) => {
      const [image] = content.multiscales as {
        axes: object[];
        datasets: { coordinateTransformations: Record<string, unknown>[] }[];
      }[];
      image!.axes = [{ name: "t", type: "time" }, ...image!.axes];
      for (const transform of image!.datasets[0]!.coordinateTransformations)
        transform[transform["type"] as string] = [1, ...(transform[transform["type"] as string] as number[])];
      return content;
    });
    store = changed(store, "/0/.zarray", (content: { shape: number[]; chunks: number[] }) => ({
      ...content,
      shape: [2, ...content.shape],
      chunks: [1, ...content.chunks],
    }));
    store.set("/0/0/0/0/0", store.get("/0/0/0/0")!);
    await refusal(openOmeZarr(store), "unsupported", /2 places along t.*at: \{ t: 0 \}/);
    expect((await (await openOmeZarr(store, { at: { t: 0 } })).read()).data).toEqual(small().data);
    // A chunk that is not there is of the fill value.
    expect((await (await openOmeZarr(store, { at: { t: 1 } })).read()).data).toEqual(new Float32Array(60));
    await refusal(openOmeZarr(store, { at: { t: 2 } }), "out-of-range", /0 to 1/);
    await refusal(openOmeZarr(store, { at: { z: 0 } }), "out-of-range", /no axis "z" beside/);
  });

  test("refuses what it can't hold", async () => {
    const oblique = createGrid({ shape: [1, 1, 1], affine: [1, 0.1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] });
    await refusal(written(createVolume(new Float32Array(1), oblique)), "unsupported", /oblique.*NIfTI or NRRD/);
    await refusal(written({ ...small(), data: new Float32Array(1) }), "out-of-range", /60 voxels/);
    await refusal(written(small(), { chunkShape: [0, 1, 1] }), "out-of-range", /chunkShape/);
    await refusal(written(small(), { version: "0.3" as never }), "out-of-range", /version/);
    await refusal(written(small(), { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
  });

  test("refuses, and says why", async () => {
    const store = await written(small());
    const image = await openOmeZarr(store);
    await refusal(image.read({ start: [0, 0, 0], shape: [6, 1, 1] }), "out-of-range", /does not lie within/);
    await refusal(image.read(undefined, { maxBytes: 239 }), "bad-file", /more than maxBytes = 239/);
    await refusal(image.read(undefined, { signal: AbortSignal.abort() }), "aborted", /Cancelled/);
    await refusal(openOmeZarr(new Map()), "bad-file", /can't be read/);
    await refusal(openOmeZarr(store, { level: 1 }), "out-of-range", /from 0 to 0/);
    type Content = { attributes: { ome: { version: string; multiscales: Record<string, unknown>[] } } };
    const cases: [string, (ome: Content["attributes"]["ome"]) => void, string, RegExp][] = [
      ["version", (ome) => (ome.version = "0.6"), "unsupported", /version "0\.6"/],
      [
        "unit",
        (ome) => ((ome.multiscales[0]!["axes"] as { unit: string }[])[0]!.unit = "parsec"),
        "unsupported",
        /unit "parsec"/,
      ],
      [
        "rotation",
        (ome) =>
          ((ome.multiscales[0]!["datasets"] as object[])[0] = { path: "0", coordinateTransformations: [{ type: "rotation" }] }),
        "unsupported",
        /rotation/,
      ],
      [
        "path",
        (ome) => ((ome.multiscales[0]!["datasets"] as { path: string }[])[0]!.path = "../../etc"),
        "bad-file",
        /no path within/,
      ],
      ["none", (ome) => (ome.multiscales = []), "bad-file", /no multiscales/],
      ["axes", (ome) => (ome.multiscales[0]!["axes"] = []), "unsupported", /three axes of space/],
    ];
    for (const [, change, code, message] of cases) {
      const other = changed(store, "/zarr.json", (content: Content) => {
        change(content.attributes.ome);
        return content;
      });
      await refusal(openOmeZarr(other), code, message);
    }
    const damaged = new Map(store).set("/0/c/0/0/0", Uint8Array.of(1, 2, 3));
    await refusal((await openOmeZarr(damaged)).read(), "bad-file", /can't be read/);
    const codec = changed(store, "/0/zarr.json", (content: object) => ({ ...content, codecs: [{ name: "none of them" }] }));
    await refusal((await openOmeZarr(codec)).read(), "unsupported", /none of them/);
  });

  test("any flipped bit of the metadata is refused or read", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom<ZarrKey[]>("/zarr.json", "/0/zarr.json", "/0/c/0/0/0"),
        fc.nat(),
        fc.nat({ max: 7 }),
        async (key, at, bit) => {
          const store = await written(small());
          const bytes = store.get(key)!.slice();
          bytes[at % bytes.length]! ^= 1 << bit;
          try {
            await (await openOmeZarr(store.set(key, bytes))).read(undefined, { maxBytes: 1 << 16 });
          } catch (error) {
            expect(["bad-file", "unsupported"]).toContain((error as { code?: string }).code);
          }
        },
      ),
      { numRuns: 500 },
    ));
});

const python = (code: string) => spawnSync("/usr/bin/python3", ["-c", code], { encoding: "utf8" });
const hasZarr = python("import zarr").status === 0;

describe.skipIf(!hasZarr)("zarr-python", () => {
  test("reads what is written, and is read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gadolinite-"));
    try {
      await writeOmeZarr(zarrFolder(join(folder, "a.zarr")), small(), { version: "0.4", chunkShape: [2, 3, 2] });
      const { stdout, stderr } = python(`
import zarr, numpy as np, numcodecs, json
a = zarr.open(${JSON.stringify(join(folder, "a.zarr"))}, "r")
print(json.dumps({"same": bool((a["0"][:] == np.arange(60, dtype="<f4").reshape(3, 4, 5)).all()), "axes": [x["name"] for x in a.attrs["multiscales"][0]["axes"]]}))
b = zarr.open(${JSON.stringify(join(folder, "b.zarr"))}, "w")
for n, (dtype, order, compressor) in enumerate([("<i2", "F", numcodecs.Blosc(cname="zstd")), (">i4", "C", numcodecs.GZip()), ("<i8", "C", numcodecs.Zlib()), ("<f8", "C", None), ("|b1", "C", numcodecs.LZ4())]):
    x = b.create_dataset(str(n), shape=(3, 4, 5), chunks=(2, 2, 3), dtype=dtype, order=order, compressor=compressor)
    x[:] = np.arange(60).reshape(3, 4, 5) % (2 if dtype == "|b1" else 100)
b.attrs["multiscales"] = [{"version": "0.4", "axes": [{"name": n, "type": "space", "unit": "millimeter"} for n in "zyx"],
  "datasets": [{"path": str(n), "coordinateTransformations": [{"type": "scale", "scale": [3, 2, 1]}]} for n in range(5)]}]
`);
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual({ same: true, axes: ["z", "y", "x"] });
      for (let level = 0; level < 5; level++) {
        const image = await openOmeZarr(zarrFolder(join(folder, "b.zarr")), { level });
        expect(image.grid.shape).toEqual([5, 4, 3]);
        expect((await image.read()).data).toEqual(small().data.map((v) => (level === 4 ? v % 2 : v)));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
