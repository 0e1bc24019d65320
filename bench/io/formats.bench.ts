import { gzipSync } from "node:zlib";
import { readVolume, writeMetaImage, writeMgh, writeNifti, writeNrrd } from "../../src/io/index.js";
import { inflateWithZlib } from "../../src/node/inflateWithZlib.js";
import { compare } from "../support/compare.js";
import { brainSizedVolume } from "../support/inputs.js";

// Goal: the same voxels cost in NRRD, MetaImage and MGH no more than 1.2 times what they cost in NIfTI.
const volume = brainSizedVolume();

const read = (bytes: Uint8Array) => () => readVolume(bytes, { inflate: inflateWithZlib });
const zip = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes, { level: 1 }));

for (const dtype of ["int16", "float32"] as const) {
  const [nifti, mgh] = [await writeNifti(volume, { dtype }), await writeMgh(volume, { dtype })];
  const raw = { NRRD: await writeNrrd(volume, { dtype }), MetaImage: await writeMetaImage(volume, { dtype }) };
  await compare(`read ${dtype}, not compressed, 240×240×155`, {
    NIfTI: read(nifti),
    ...Object.fromEntries(Object.entries(raw).map(([name, bytes]) => [name, read(bytes)])),
    "MGH (big-endian)": read(mgh),
  });
  await compare(`read ${dtype}, gzip or zlib, 240×240×155`, {
    "NIfTI (.nii.gz)": read(zip(nifti)),
    "NRRD (gzip)": read(await writeNrrd(volume, { dtype, encoding: "gzip" })),
    "NRRD in gzip": read(zip(raw.NRRD)),
    "MetaImage (zlib)": read(await writeMetaImage(volume, { dtype, encoding: "zlib" })),
    "MGH (.mgz)": read(zip(mgh)),
  });
  await compare(`write ${dtype}, not compressed, 240×240×155`, {
    NIfTI: () => writeNifti(volume, { dtype }),
    NRRD: () => writeNrrd(volume, { dtype }),
    MetaImage: () => writeMetaImage(volume, { dtype }),
    MGH: () => writeMgh(volume, { dtype }),
  });
}
