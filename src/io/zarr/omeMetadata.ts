import { GadoliniteError } from "../../core/errors.js";
import type { Grid, Vec3 } from "../../core/grid.js";
import { gridOf } from "../announced.js";
import { quoted } from "../textHeader.js";

/** One axis of the array, in its order. */
export interface OmeAxis {
  readonly name: string;
  readonly type: "space" | "time" | "channel" | "other";
  /** Millimetres a unit; of a space axis. */
  readonly mm: number;
  /** The way in which it grows, as RAS+: which of x, y, z, and whether forward. Of a space axis. */
  readonly direction: readonly [world: 0 | 1 | 2, sign: 1 | -1];
}

/** One resolution: where its array lies, and the place of its voxels along each axis. */
export interface OmeLevel {
  readonly path: string;
  readonly scale: readonly number[];
  readonly translation: readonly number[];
}

export interface OmeImage {
  readonly version: string;
  readonly axes: readonly OmeAxis[];
  readonly levels: readonly OmeLevel[];
}

const MM: Readonly<Record<string, number>> = {
  ...{ nanometer: 1e-6, micrometer: 1e-3, millimeter: 1, centimeter: 10, meter: 1000, inch: 25.4 },
};

/** Where an axis leads that says so (RFC 4 of OME-NGFF). */
const DIRECTIONS: Readonly<Record<string, OmeAxis["direction"]>> = {
  "left-to-right": [0, 1],
  "right-to-left": [0, -1],
  "posterior-to-anterior": [1, 1],
  "anterior-to-posterior": [1, -1],
  "inferior-to-superior": [2, 1],
  "superior-to-inferior": [2, -1],
};

/** An axis that does not say counts as in ITK: x to the left, y to posterior, z to superior. */
const BY_NAME: Readonly<Record<string, OmeAxis["direction"]>> = { x: [0, -1], y: [1, -1], z: [2, 1] };

type Json = Readonly<Record<string, unknown>>;

const bad = (what: string) => new GadoliniteError("bad-file", `The OME-Zarr metadata are wrong: ${what}.`);
const unsupported = (what: string) => new GadoliniteError("unsupported", `The OME-Zarr image has ${what}, which is not read.`);

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const objects = (value: unknown): readonly Json[] | undefined =>
  Array.isArray(value) && value.every(isObject) ? value : undefined;

/**
 * What the attributes of a group say of its image.
 *
 * @throws `bad-file` if they are none of OME-Zarr, `unsupported` for versions before 0.4 and transforms other than scale and translation
 * @see OME-NGFF 0.4 and 0.5, https://ngff.openmicroscopy.org
 */
export function parseOme(attributes: Json): OmeImage {
  const ome = isObject(attributes["ome"]) ? attributes["ome"] : attributes;
  const [image] = objects(ome["multiscales"]) ?? [];
  if (!image) throw bad("there are no multiscales");
  const version = String(ome["version"] ?? image["version"] ?? "0.4");
  if (version !== "0.4" && version !== "0.5") throw unsupported(`version ${quoted(version)}`);
  const axes = objects(image["axes"])?.map(parseAxis);
  const datasets = objects(image["datasets"]);
  if (!axes || !datasets || datasets.length === 0) throw bad("axes or datasets are missing");
  if (axes.filter(({ type }) => type === "space").length !== 3) throw unsupported("other than three axes of space");
  const common = transforms(image["coordinateTransformations"] ?? [], axes.length);
  return {
    version,
    axes,
    levels: datasets.map((dataset) => {
      const own = transforms(dataset["coordinateTransformations"], axes.length);
      if (
        typeof dataset["path"] !== "string" ||
        !/^[\w.-]+(\/[\w.-]+)*$/.test(dataset["path"]) ||
        /(^|\/)\.\.?(\/|$)/.test(dataset["path"])
      )
        throw bad(`a dataset lies at ${quoted(String(dataset["path"]))}, which is no path within the image`);
      return {
        path: dataset["path"],
        scale: own.scale.map((value, n) => value * common.scale[n]!),
        translation: own.translation.map((value, n) => value * common.scale[n]! + common.translation[n]!),
      };
    }),
  };
}

function parseAxis({ name, type, unit, orientation }: Json): OmeAxis {
  if (typeof name !== "string") throw bad("an axis has no name");
  if (type !== "space") return { name, type: type === "time" || type === "channel" ? type : "other", mm: 1, direction: [0, 1] };
  const mm = unit === undefined || unit === null ? 1 : Object.hasOwn(MM, String(unit)) ? MM[String(unit)] : undefined;
  if (mm === undefined) throw unsupported(`the unit ${quoted(String(unit))}`);
  const said = isObject(orientation) ? orientation["value"] : orientation;
  const table = said === undefined ? BY_NAME : DIRECTIONS;
  const key = String(said ?? name);
  if (!Object.hasOwn(table, key)) throw unsupported(`an axis that leads ${quoted(key)}`);
  return { name, type, mm, direction: table[key]! };
}

/** Scale and translation of a list of transforms: one of each at most, the scale first. */
function transforms(list: unknown, rank: number): { readonly scale: readonly number[]; readonly translation: readonly number[] } {
  const all = objects(list);
  if (!all) throw bad("coordinateTransformations are missing");
  const kinds = all.map(({ type }) => type).join();
  if (!["", "scale", "scale,translation", "translation", "identity"].includes(kinds))
    throw unsupported(`the transforms ${quoted(kinds)}`);
  const vector = (kind: string, otherwise: number) => {
    const found = all.find(({ type }) => type === kind);
    if (!found) return Array<number>(rank).fill(otherwise);
    const values = found[kind];
    if (Array.isArray(values) && values.length === rank && values.every(Number.isFinite)) return values as number[];
    throw "path" in found ? unsupported("transforms in arrays of their own") : bad(`a ${kind} is not ${rank} numbers`);
  };
  return { scale: vector("scale", 1), translation: vector("translation", 0) };
}

/** The grid of a level: the last of the array's three axes of space runs along i. */
export function levelGrid({ axes }: OmeImage, { scale, translation }: OmeLevel, shape: readonly number[]): Grid {
  const spatial = axes.flatMap(({ type }, n) => (type === "space" ? [n] : [])).reverse();
  const affine = new Float64Array(16);
  affine[15] = 1;
  spatial.forEach((n, column) => {
    const [world, sign] = axes[n]!.direction;
    affine[4 * world + column] = scale[n]! * axes[n]!.mm * sign;
    affine[4 * world + 3] = translation[n]! * axes[n]!.mm * sign + 0;
  });
  return gridOf(
    spatial.map((n) => shape[n]!),
    affine,
  );
}

/** An axis and place of a grid along which its voxels run. */
interface WrittenAxis {
  readonly orientation: string;
  readonly scale: number;
  readonly translation: number;
}

/**
 * Axes of an image that lie as a grid does, along i, j, k.
 *
 * @throws `unsupported` for a grid whose axes are not those of the world: OME-Zarr 0.5 knows no rotation
 */
export function axesOfGrid({ affine }: Grid): readonly WrittenAxis[] {
  return [0, 1, 2].map((column) => {
    const steps: Vec3 = [affine[column]!, affine[4 + column]!, affine[8 + column]!];
    const world = steps.findIndex((step) => step !== 0) as 0 | 1 | 2;
    if (steps.some((step, n) => n !== world && step !== 0))
      throw new GadoliniteError(
        "unsupported",
        "The grid is oblique, and OME-Zarr 0.4 and 0.5 know scale and translation alone. Resample it, or write NIfTI or NRRD.",
      );
    const sign = Math.sign(steps[world]) as 1 | -1;
    const [orientation] = Object.entries(DIRECTIONS).find(([, direction]) => direction[0] === world && direction[1] === sign)!;
    return { orientation, scale: Math.abs(steps[world]), translation: affine[4 * world + 3]! * sign + 0 };
  });
}
