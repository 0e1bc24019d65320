import { GadoliniteError } from "../../core/errors.js";
import { type Vec3, voxelCount } from "../../core/grid.js";
import type { TaskOptions } from "../../core/progress.js";
import type { Volume, VoxelArray } from "../../core/volume.js";
import { checkNotAborted, checkOneOf } from "../../internal/check.js";
import { bytesOf, dtypeOf } from "../encodeVolume.js";
import { WRITABLE_ARRAYS, type WritableArray, type WritableDtype } from "../encodeVoxels.js";
import { gzipBytes } from "../gzipBytes.js";
import { axesOfGrid } from "./omeMetadata.js";
import type { WritableZarrStore, ZarrKey } from "./zarrStore.js";

export interface WriteOmeZarrOptions extends TaskOptions {
  /** Version of OME-Zarr: 0.5 lies in Zarr 3, 0.4 in Zarr 2. Default 0.5. */
  readonly version?: "0.4" | "0.5";
  /** Voxels of a chunk along i, j, k: what a reader of one voxel has to fetch. Default 64 each. */
  readonly chunkShape?: Vec3;
  /** Compress each chunk with gzip. Default true. */
  readonly gzip?: boolean;
  /** Name of the image. Default none. */
  readonly name?: string;
}

/**
 * Writes a volume as an OME-Zarr image of one resolution, in millimetres, with axes z, y, x that lead where the grid's do (RFC 4 of OME-NGFF).
 * Voxels keep the type of the volume's array. What says that it is an image is written last.
 *
 * @param store an empty store: a Map, a store of zarrita that takes, or `zarrFolder(path)` of `gadolinite/node`
 * @throws `unsupported` for an oblique grid, which OME-Zarr 0.5 can't hold; `out-of-range` if the volume's array is not of its grid's size, or
 *   an option is none; `aborted`
 * @see OME-NGFF 0.4 and 0.5, https://ngff.openmicroscopy.org
 * @example
 * await writeOmeZarr(zarrFolder("head.ome.zarr"), volume);
 */
export async function writeOmeZarr(
  store: WritableZarrStore,
  volume: Volume<VoxelArray>,
  options: WriteOmeZarrOptions = {},
): Promise<void> {
  const { version = "0.5", chunkShape = [64, 64, 64], gzip = true, name, signal, onProgress } = options;
  checkOneOf("version", version, ["0.4", "0.5"]);
  const { grid, data } = volume;
  const dtype = dtypeOf(data);
  if (data.length !== voxelCount(grid))
    throw new GadoliniteError("out-of-range", `A grid of ${voxelCount(grid)} voxels needs as many values, not ${data.length}.`);
  if (!chunkShape.every((n) => Number.isSafeInteger(n) && n >= 1))
    throw new GadoliniteError("out-of-range", `chunkShape must be three positive integers, but is [${chunkShape}].`);
  const chunk = chunkShape.map((n, axis) => Math.min(n, grid.shape[axis]!)) as unknown as Vec3;
  const attributes = omeAttributes(volume, version, name);
  const layout = version === "0.5" ? zarr3(volume, chunk, dtype, gzip) : zarr2(volume, chunk, dtype, gzip);
  await store.set(`/0/${layout.file}`, json(layout.array));
  const counts = chunk.map((n, axis) => Math.ceil(grid.shape[axis]! / n)) as unknown as Vec3;
  const total = counts[0] * counts[1] * counts[2];
  for (let n = 0; n < total; n++) {
    checkNotAborted(signal);
    const at: Vec3 = [n % counts[0], Math.floor(n / counts[0]) % counts[1], Math.floor(n / (counts[0] * counts[1]))];
    const bytes = bytesOf(chunkVoxels(volume, at, chunk), dtype, true);
    await store.set(`/0/${layout.key(at)}`, gzip ? await gzipBytes(bytes) : bytes);
    onProgress?.({ done: n + 1, total, stage: "writing chunks" });
  }
  for (const [key, content] of Object.entries(layout.group(attributes))) await store.set(key as ZarrKey, json(content));
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value, null, 2));

/** A chunk's voxels; beyond the volume they are 0. */
function chunkVoxels({ data, grid }: Volume<VoxelArray>, at: Vec3, chunk: Vec3): WritableArray {
  const out = new WRITABLE_ARRAYS[dtypeOf(data)](chunk[0] * chunk[1] * chunk[2]) as WritableArray;
  const [ni, nj, nk] = grid.shape;
  const [i0, j0, k0] = [at[0] * chunk[0], at[1] * chunk[1], at[2] * chunk[2]];
  const length = Math.min(chunk[0], ni - i0);
  for (let k = 0; k < Math.min(chunk[2], nk - k0); k++)
    for (let j = 0; j < Math.min(chunk[1], nj - j0); j++) {
      const from = i0 + ni * (j0 + j + nj * (k0 + k));
      out.set(data.subarray(from, from + length), chunk[0] * (j + chunk[1] * k));
    }
  return out;
}

function omeAttributes({ grid }: Volume<VoxelArray>, version: string, name: string | undefined) {
  // The array's order: k, j, i.
  const axes = axesOfGrid(grid).toReversed();
  const multiscales = {
    ...(version === "0.4" ? { version } : {}),
    ...(name === undefined ? {} : { name }),
    axes: axes.map(({ orientation }, n) => ({
      ...{ name: "zyx"[n], type: "space", unit: "millimeter", orientation: { type: "anatomical", value: orientation } },
    })),
    datasets: [
      {
        path: "0",
        coordinateTransformations: [
          { type: "scale", scale: axes.map(({ scale }) => scale) },
          { type: "translation", translation: axes.map(({ translation }) => translation) },
        ],
      },
    ],
  };
  return version === "0.5" ? { ome: { version, multiscales: [multiscales] } } : { multiscales: [multiscales] };
}

const reversed = (v: Vec3): Vec3 => [v[2], v[1], v[0]];

function zarr3({ grid }: Volume<VoxelArray>, chunk: Vec3, dtype: WritableDtype, gzip: boolean) {
  return {
    file: "zarr.json",
    array: {
      ...{ zarr_format: 3, node_type: "array", shape: reversed(grid.shape), data_type: dtype, fill_value: 0, attributes: {} },
      chunk_grid: { name: "regular", configuration: { chunk_shape: reversed(chunk) } },
      chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
      codecs: [
        { name: "bytes", configuration: { endian: "little" } },
        ...(gzip ? [{ name: "gzip", configuration: { level: 6 } }] : []),
      ],
      dimension_names: ["z", "y", "x"],
    },
    key: (at: Vec3) => `c/${reversed(at).join("/")}`,
    group: (attributes: object) => ({ "/zarr.json": { zarr_format: 3, node_type: "group", attributes } }),
  };
}

const V2_TYPES: Readonly<Partial<Record<WritableDtype, string>>> = { float32: "<f4", int16: "<i2", uint16: "<u2", uint8: "|u1" };

function zarr2({ grid }: Volume<VoxelArray>, chunk: Vec3, dtype: WritableDtype, gzip: boolean) {
  return {
    file: ".zarray",
    array: {
      ...{
        zarr_format: 2,
        shape: reversed(grid.shape),
        chunks: reversed(chunk),
        dtype: V2_TYPES[dtype],
        fill_value: 0,
        order: "C",
      },
      ...{ compressor: gzip ? { id: "gzip", level: 6 } : null, filters: null, dimension_separator: "/" },
    },
    key: (at: Vec3) => reversed(at).join("/"),
    group: (attributes: object) => ({ "/.zgroup": { zarr_format: 2 }, "/.zattrs": attributes }),
  };
}
