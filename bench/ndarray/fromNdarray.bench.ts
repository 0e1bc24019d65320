import ndarray from "ndarray";
import { asNdarray, fromNdarray } from "../../src/ndarray/index.js";
import { compare } from "../support/compare.js";
import { brainSizedVolume } from "../support/inputs.js";

// Goal: an array in C order (k first), whose memory order is the volume's own, comes in as fast as by a bare loop.
const volume = brainSizedVolume();
const [ni, nj, nk] = volume.grid.shape;
const doubles = ndarray(Float64Array.from(volume.data), [nk, nj, ni]);

await compare("ndarray of 240×240×155 to a volume", {
  "C order, float64": () => fromNdarray(doubles.transpose(2, 1, 0), volume.grid),
  "C order of i, j, k (i slowest)": () => fromNdarray(ndarray(volume.data, [ni, nj, nk]), volume.grid),
  "own view": () => fromNdarray(asNdarray(volume), volume.grid),
  "bare copy of float64": () => Float32Array.from(doubles.data),
  "bare loop": () => {
    const out = new Float32Array(volume.data.length);
    for (let v = 0; v < out.length; v++) out[v] = doubles.data[v]!;
    return out;
  },
});
