import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GadoliniteError } from "../core/errors.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { version } from "../internal/version.js";
import { bidsName, bidsPath, bidsRoot, bidsSubject } from "./bids.js";
import { reasonOf } from "./readFileBytes.js";
import { type SaveVolumeOptions, saveVolume } from "./saveVolume.js";
import { writeFileAtomic } from "./writeFileAtomic.js";

export interface SaveDerivativeOptions extends SaveVolumeOptions {
  /** What the volume is, in letters and digits: the entity `desc` of its name, e.g. `restored`. */
  readonly desc: string;
  /** Whether the head was stripped to the brain; BIDS asks for it. */
  readonly skullStripped: boolean;
  /** Further files that the volume was made from. Default none but `source`. */
  readonly sources?: readonly string[];
  /** Further fields of the sidecar, e.g. `{ Description, Dose }`. Default none. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Folder of the derived dataset. Default `derivatives/gadolinite` in the dataset of `source`. */
  readonly dataset?: string;
}

/**
 * Writes a volume that was made from a scan of a BIDS dataset as a derivative: `sub-01_ce-gadolinium_T1w.nii.gz` becomes
 * `derivatives/gadolinite/sub-01/anat/sub-01_ce-gadolinium_desc-restored_T1w.nii.gz`, with a sidecar that names its sources, and the
 * derived dataset's description if there is none yet. Each file appears whole or not at all; those of that name are replaced.
 *
 * @param source path of the scan, within its dataset
 * @returns path of the volume that was written
 * @throws `out-of-range` if `desc` is no word or the source's name none of BIDS; `bad-file` if a file can't be written; as `saveVolume`
 * @see BIDS specification, "BIDS Derivatives", https://bids-specification.readthedocs.io
 * @example
 * const path = await saveDerivative("data/sub-01/anat/sub-01_ce-gadolinium_T1w.nii.gz", restored, {
 *   desc: "restored", skullStripped: true, metadata: { Description: "Restored from a tenth of the standard dose" },
 * });
 */
export async function saveDerivative(
  source: string,
  volume: Volume<VoxelArray>,
  options: SaveDerivativeOptions,
): Promise<string> {
  const { desc, skullStripped, sources = [], metadata = {}, dataset, ...saving } = options;
  const name = bidsName(basename(source));
  if (!name || !("sub" in name.entities))
    throw new GadoliniteError("out-of-range", `A scan of BIDS is called like sub-01_T1w.nii.gz, not ${basename(source)}.`);
  if (!/^[A-Za-z0-9]+$/.test(desc))
    throw new GadoliniteError("out-of-range", `desc must be letters and digits, not ${JSON.stringify(desc)}.`);
  const root = bidsRoot(source);
  const derived = dataset ?? join(root, "derivatives", "gadolinite");
  const { patient, session } = bidsSubject(dirname(source));
  const folder = join(derived, patient, ...(session ? [session] : []), "anat");
  const { desc: _, ...entities } = name.entities;
  const parts = Object.entries({ ...entities, desc }).map((pair) => pair.join("-"));
  const stem = join(folder, [...parts, name.suffix].join("_"));
  const sidecar = {
    Sources: [source, ...sources].map((path) => `bids:raw:${bidsPath(root, path)}`),
    SkullStripped: skullStripped,
    ...metadata,
  };
  const writing = saving.signal ? { signal: saving.signal } : {};
  await makeFolder(folder);
  const description = join(derived, "dataset_description.json");
  if (!existsSync(description)) await writeFileAtomic(description, json(descriptionOf(bidsPath(derived, root))), writing);
  await saveVolume(`${stem}.nii.gz`, volume, saving);
  await writeFileAtomic(`${stem}.json`, json(sidecar), writing);
  return `${stem}.nii.gz`;
}

/** What a dataset of derivatives says of itself; `raw` is the way from it to the scans. */
const descriptionOf = (raw: string) => ({
  Name: "gadolinite",
  BIDSVersion: "1.10.0",
  DatasetType: "derivative",
  GeneratedBy: [{ Name: "gadolinite", Version: version }],
  SourceDatasets: [{ URL: raw }],
  DatasetLinks: { raw },
});

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new GadoliniteError("bad-file", `The folder ${path} can't be made: ${reasonOf(cause)}.`, { cause });
  }
}
