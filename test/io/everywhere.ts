import {
  openOmeZarr,
  readDicomSeries,
  readVolume,
  writeDicomSeries,
  writeNrrd,
  writeOmeZarr,
  type ZarrKey,
} from "../../src/io/index.js";

interface Series {
  readonly name: string;
  readonly files: readonly { readonly base64: string }[];
  readonly volumeIndex?: number;
  readonly values: { readonly base64: string };
}

const decode = ({ base64 }: { readonly base64: string }) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const differ = (a: ArrayLike<number>, b: ArrayLike<number>) => a.length !== b.length || Array.from(a).some((v, n) => v !== b[n]);

/** Reads and writes formats with nothing but what this runtime and the packages give; tells what went wrong. */
export async function everywhere(series: readonly Series[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  const attempt = async (name: string, task: () => Promise<boolean>) => {
    try {
      if (!(await task())) wrong.push(name);
    } catch (error) {
      wrong.push(`${name}: ${error} ${(error as Error).cause ?? ""}`);
    }
  };
  for (const { name, files, volumeIndex, values } of series)
    await attempt(name, async () => {
      const source = files.map(decode);
      const which = volumeIndex === undefined ? {} : { volumeIndex };
      const { volume } = await readDicomSeries(source, which);
      if (differ(volume.data, new Float32Array(decode(values).buffer))) return false;
      if (name !== "int16 explicit") return true;
      const written = await writeDicomSeries(volume, { source, givenDose: 0.1, shownDose: 1 });
      return !differ((await readDicomSeries(written)).volume.data, volume.data);
    });
  const { volume } = await readDicomSeries(series[0]!.files.map(decode));
  const straight = {
    ...volume,
    grid: { shape: volume.grid.shape, affine: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1) },
  };
  await attempt("OME-Zarr", async () => {
    const store = new Map<ZarrKey, Uint8Array>();
    await writeOmeZarr(store, straight, { chunkShape: [4, 3, 2] });
    return !differ((await (await openOmeZarr(store)).read()).data, volume.data);
  });
  await attempt(
    "NRRD",
    async () => !differ((await readVolume(await writeNrrd(volume, { encoding: "gzip" }))).volume.data, volume.data),
  );
  return wrong;
}
