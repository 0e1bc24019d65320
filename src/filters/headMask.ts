import { GadoliniteError } from "../core/errors.js";
import { createMask, type Mask, type Volume } from "../core/volume.js";
import { fillHoles } from "./fillHoles.js";
import { largestComponent } from "./largestComponent.js";
import { otsuThreshold } from "./otsuThreshold.js";

/**
 * The head in a scan that is not stripped: the largest connected part above Otsu's threshold, its holes filled.
 *
 *     fill( largest( volume > otsu ) )
 *
 * Made for the bounding box of the skull: dark rims (skull, air cells) may be left out, and where a dark passage leads out of the head, what
 * lies behind it too. For scans with bright vessels, ringing or little tissue see `foregroundMask`, which bridges such gaps.
 *
 * @param volume finite voxels, any unit; air is darker than tissue
 * @returns a mask on that grid, never empty
 * @throws `empty-mask` if nothing lies above the threshold, as in a constant image; `out-of-range` if a voxel is NaN or infinite
 * @see Chen et al. 2025, "Deep learning model for MRI restoration" (crop to the bounding box of the skull; how it is found is not said); Otsu 1979
 * @example
 * const head = crop(volume, boundingBox(headMask(volume)));
 */
export function headMask(volume: Volume): Mask {
  const threshold = otsuThreshold(volume);
  const above = createMask(
    volume.data.map((v) => (v > threshold ? 1 : 0)),
    volume.grid,
  );
  if (!above.data.includes(1))
    throw new GadoliniteError("empty-mask", `No voxel lies above the threshold of ${threshold}: is the image constant?`);
  return fillHoles(largestComponent(above));
}
