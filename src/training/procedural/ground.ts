import type { Anatomy } from "./anatomy.js";
import type { Draws } from "./draws.js";
import { addSheet, bentPlane } from "./sheets.js";

/** Where the head or brain ends in a patch. */
export interface Ground {
  /** 1 inside. */
  readonly content: Uint8Array;
  /** Whether air lies beyond, with the scanner's noise in it; else the scan was stripped, and is exactly 0 there. */
  readonly air: boolean;
}

/** An outline through the patch with, now and then, an enhancing cover, as dura or skin; air is emptied of tissue. */
export function addGround(draws: Draws, anatomy: Anatomy): Ground {
  const { shape, tissue, uptake, change } = anatomy;
  const air = draws.chance(0.25);
  const distance = bentPlane(draws, anatomy, draws.uniform(-0.05, 0.5) * Math.max(...shape));
  const content = new Uint8Array(distance.length);
  for (let v = 0; v < distance.length; v++) content[v] = distance[v]! > 0 ? 1 : 0;
  // A patch needs something to look at.
  if (content.reduce((sum, inside) => sum + inside, 0) < 0.1 * content.length) content.fill(1);
  if (draws.chance(0.5)) {
    const depth = draws.uniform(-0.5, 3);
    for (let v = 0; v < distance.length; v++) distance[v]! -= depth;
    addSheet(draws, anatomy, distance);
  }
  if (air)
    for (let v = 0; v < content.length; v++) {
      if (content[v]) continue;
      tissue[v] = 0;
      uptake[v] = 0;
      change[v] = 0;
    }
  return { content, air };
}
