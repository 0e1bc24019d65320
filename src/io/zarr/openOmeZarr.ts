import type { Box } from "../../core/boundingBox.js";
import { GadoliniteError, isGadoliniteError } from "../../core/errors.js";
import { createGrid, type Grid, type Vec3, voxelCount } from "../../core/grid.js";
import type { Volume } from "../../core/volume.js";
import { checkNonNegativeInteger, checkNotAborted, checkPositive } from "../../internal/check.js";
import { allocate } from "../announced.js";
import { levelGrid, type OmeImage, parseOme } from "./omeMetadata.js";
import type { ZarrStore } from "./zarrStore.js";

export interface OpenOmeZarrOptions {
  /** Path of the image within the store. Default its root. */
  readonly path?: string;
  /** Resolution, from 0, the finest. Default 0. */
  readonly level?: number;
  /** Where to be along axes that are not of space, by their names, e.g. `{ t: 3, c: 0 }`. Default: they must have one place. */
  readonly at?: Readonly<Record<string, number>>;
}

export interface ReadOmeZarrOptions {
  /** Most memory that the region's float32 voxels, or a chunk, may take, in bytes. Default 2 GiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** What an OME-Zarr image says about itself. */
export interface OmeZarrHeader {
  readonly format: "ome-zarr";
  readonly version: string;
  /** Type of the array as Zarr names it. */
  readonly dtype: string;
  /** Names of its axes, in their order. */
  readonly axes: readonly string[];
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** Number of resolutions. */
  readonly levels: number;
}

/** An image of which regions are read when they are asked for. */
export interface OmeZarrImage {
  readonly grid: Grid;
  readonly header: OmeZarrHeader;
  /**
   * Reads a region as float32: what `crop` would cut out of the whole.
   *
   * @param box first voxel and number of voxels along i, j, k. Default: all
   * @throws `out-of-range` if the box does not lie within the image; `bad-file` if a chunk is damaged or too large; `aborted`
   */
  read(box?: Box, options?: ReadOmeZarrOptions): Promise<Volume>;
}

/** The parts of zarrita that are used. */
interface Zarrita {
  root(store: ZarrStore): Location;
  open(location: Location, options: { readonly kind: "group" }): Promise<{ readonly attrs: Readonly<Record<string, unknown>> }>;
  open(location: Location, options: { readonly kind: "array" }): Promise<ZarrArray>;
  get(array: ZarrArray, selection: readonly unknown[], options: { readonly signal?: AbortSignal }): Promise<Region>;
  slice(start: number, stop: number): unknown;
  isZarritaError(error: unknown, ...tags: readonly string[]): boolean;
}

interface Location {
  resolve(path: string): Location;
}

interface ZarrArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
}

interface Region {
  readonly data: ArrayLike<number | bigint | boolean>;
  readonly stride: readonly number[];
}

/**
 * Opens an OME-Zarr image, version 0.4 or 0.5, for reading it region by region: nothing but its metadata is read before. Needs the optional
 * package zarrita.
 *
 * The last axis of space in the array runs along i. Axes lead where their `orientation` says (RFC 4 of OME-NGFF); without one x grows to
 * the left, y to posterior, z to superior, as ITK has it. Units are turned into mm; without one they are.
 *
 * @param store any store of zarrita, e.g. `new FetchStore(url)`, a Map, or `zarrFolder(path)` of `gadolinite/node`
 * @returns its grid, what it says of itself, and `read(box)`
 * @throws `bad-file` if it is none or damaged; `unsupported` for other versions, transforms, units and axes, and where zarrita is not installed;
 *   `out-of-range` for a `level` or place that is not there
 * @see OME-NGFF 0.4 and 0.5, https://ngff.openmicroscopy.org
 * @example
 * const image = await openOmeZarr(new FetchStore("https://example.org/head.ome.zarr"));
 * const region = await image.read({ start: [100, 80, 60], shape: [64, 64, 32] });
 */
export async function openOmeZarr(store: ZarrStore, options: OpenOmeZarrOptions = {}): Promise<OmeZarrImage> {
  const { path = "", level = 0, at = {} } = options;
  checkNonNegativeInteger("level", level);
  const zarr = await loadZarrita();
  return naming(zarr, async () => {
    const place = path === "" ? zarr.root(store) : zarr.root(store).resolve(path);
    const image = parseOme((await zarr.open(place, { kind: "group" })).attrs);
    const chosen = image.levels[level];
    if (!chosen)
      throw new GadoliniteError(
        "out-of-range",
        `level must be an integer from 0 to ${image.levels.length - 1}, but is ${level}.`,
      );
    const array = await zarr.open(place.resolve(chosen.path), { kind: "array" });
    const { shape, dtype } = array;
    if (shape.length !== image.axes.length)
      throw new GadoliniteError("bad-file", `The array has ${shape.length} axes, the metadata ${image.axes.length}.`);
    if (!/^(u?int(8|16|32|64)|float(16|32|64)|bool)$/.test(dtype))
      throw new GadoliniteError("unsupported", `Voxels of type ${dtype} are no plain numbers.`);
    const grid = levelGrid(image, chosen, shape);
    const fixed = fixedPlaces(image, shape, at);
    const axes = image.axes.map(({ name }) => name);
    return {
      grid,
      header: {
        ...{ format: "ome-zarr" as const, version: image.version, dtype, axes, shape, chunkShape: array.chunks },
        levels: image.levels.length,
      },
      read: (box = { start: [0, 0, 0], shape: grid.shape }, reading = {}) =>
        naming(zarr, () => readRegion(zarr, array, image, grid, fixed, box, reading)),
    };
  });
}

/** The optional package zarrita. */
async function loadZarrita(): Promise<Zarrita> {
  try {
    return (await import("zarrita" as string)) as Zarrita;
  } catch (cause) {
    throw new GadoliniteError(
      "unsupported",
      "OME-Zarr is read by the package zarrita: npm install zarrita, version 0.7.5 or later.",
      {
        cause,
      },
    );
  }
}

/** Tells zarrita's errors in our words. */
async function naming<T>(zarr: Zarrita, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    if (isGadoliniteError(cause)) throw cause;
    const { name = "", message = String(cause) } = cause as Partial<Error>;
    if (name === "AbortError") throw new GadoliniteError("aborted", "Cancelled by the caller.", { cause });
    const code = zarr.isZarritaError(cause, "UnknownCodecError", "UnsupportedError") ? "unsupported" : "bad-file";
    throw new GadoliniteError(code, `The OME-Zarr image can't be read: ${message.slice(0, 300)}`, { cause });
  }
}

/** Where the image is read along axes that are not of space. */
function fixedPlaces(
  { axes }: OmeImage,
  shape: readonly number[],
  at: Readonly<Record<string, number>>,
): readonly (number | undefined)[] {
  for (const name of Object.keys(at))
    if (!axes.some((axis) => axis.name === name && axis.type !== "space"))
      throw new GadoliniteError("out-of-range", `The image has no axis ${JSON.stringify(name)} beside those of space.`);
  return axes.map(({ name, type }, n) => {
    if (type === "space") return undefined;
    const size = shape[n]!;
    const place = at[name] ?? (size === 1 ? 0 : undefined);
    if (place === undefined)
      throw new GadoliniteError(
        "unsupported",
        `The image has ${size} places along ${name}, a Volume is one. Choose with at: { ${name}: 0 }.`,
      );
    if (!(Number.isInteger(place) && place >= 0 && place < size))
      throw new GadoliniteError(
        "out-of-range",
        `The place along ${name} must be an integer from 0 to ${size - 1}, but is ${place}.`,
      );
    return place;
  });
}

async function readRegion(
  zarr: Zarrita,
  array: ZarrArray,
  { axes }: OmeImage,
  grid: Grid,
  fixed: readonly (number | undefined)[],
  box: Box,
  { maxBytes = 2 ** 31, signal }: ReadOmeZarrOptions,
): Promise<Volume> {
  checkPositive("maxBytes", maxBytes);
  checkNotAborted(signal);
  const region = boxGrid(grid, box);
  const chunk = array.chunks.reduce((product, n) => product * n, 8);
  if (Math.max(4 * voxelCount(region), chunk) > maxBytes)
    throw new GadoliniteError(
      "bad-file",
      `A region of ${box.shape.join("×")} voxels, or a chunk of ${array.chunks.join("×")}, takes more than maxBytes = ${maxBytes}. If that is right, allow more.`,
    );
  let axis = 3;
  const selection = axes.map(({ type }, n) => {
    if (type !== "space") return fixed[n]!;
    axis--;
    return zarr.slice(box.start[axis]!, box.start[axis]! + box.shape[axis]!);
  });
  const { data, stride } = await zarr.get(array, selection, signal ? { signal } : {});
  return { grid: region, data: asFloats(data, stride as Vec3, region.shape) };
}

/** Numbers of any type and order as float32, i fastest. */
function asFloats(data: Region["data"], [sk, sj, si]: Vec3, [ni, nj, nk]: Vec3): Float32Array<ArrayBuffer> {
  const out = allocate(ni * nj * nk);
  if (
    ArrayBuffer.isView(data) &&
    !(data instanceof BigInt64Array) &&
    !(data instanceof BigUint64Array) &&
    si === 1 &&
    sj === ni &&
    sk === ni * nj
  ) {
    out.set(data as unknown as ArrayLike<number>);
    return out;
  }
  const get = "get" in data ? (n: number) => (data as unknown as { get(n: number): unknown }).get(n) : (n: number) => data[n];
  for (let k = 0, to = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) for (let i = 0; i < ni; i++, to++) out[to] = Number(get(i * si + j * sj + k * sk));
  return out;
}

/** The grid of a box within another. Throws `out-of-range` if it reaches beyond. */
function boxGrid(grid: Grid, { start, shape }: Box): Grid {
  const fits = [0, 1, 2].every(
    (n) =>
      Number.isSafeInteger(start[n]) &&
      Number.isSafeInteger(shape[n]) &&
      start[n]! >= 0 &&
      shape[n]! >= 1 &&
      start[n]! + shape[n]! <= grid.shape[n]!,
  );
  if (!fits)
    throw new GadoliniteError(
      "out-of-range",
      `A box of [${shape}] voxels from [${start}] does not lie within a grid of [${grid.shape}].`,
    );
  const affine = Float64Array.from(grid.affine);
  for (const row of [0, 4, 8]) for (let n = 0; n < 3; n++) affine[row + 3]! += affine[row + n]! * start[n]!;
  return createGrid({ shape, affine });
}
