import type { Vec3 } from "../../core/grid.js";
import type { Anatomy } from "./anatomy.js";
import { applyOperators } from "./axisOperator.js";
import type { Draws } from "./draws.js";
import { createScanner, type Scanner } from "./scanner.js";
import { opposite, smoothField } from "./smoothField.js";

/** An image without noise, and what took it. */
export interface CleanScan {
  readonly image: Float32Array;
  readonly scanner: Scanner;
}

/** Looks at an anatomy twice, before and after the agent, with two scanners that agree in some things only. */
export function takeScans(draws: Draws, anatomy: Anatomy): readonly [pre: CleanScan, post: CleanScan] {
  const { shape, tissue } = anatomy;
  const still = [0, 0, 0] as const;
  const before = createScanner(draws, shape, still);
  const wide = draws.chance(0.2) ? 0.35 : 0.12;
  const moved = draws.chance(0.65) ? (shape.map(() => bounded(wide * draws.normal(), 0.8)) as unknown as Vec3) : still;
  const after = moved === still && draws.chance(0.5) ? before : createScanner(draws, shape, moved);

  const bias = smoothField(draws, shape, draws.uniform(0.5, 1.2) * Math.max(...shape));
  const strength = draws.logUniform(0.005, 0.2);
  const first = new Float32Array(tissue.length);
  for (let v = 0; v < first.length; v++) first[v] = tissue[v]! * Math.max(0.2, 1 + strength * bias[v]!);
  const second = secondLook(draws, anatomy, first, opposite(bias));

  const pre = applyOperators(first, shape, before.blur);
  const post = applyOperators(second, shape, after.blur);
  if (draws.chance(0.4)) misregister(draws, post, anatomy);
  if (draws.chance(0.15)) ghost(draws, post, anatomy.uptake, shape);
  if (draws.chance(0.1)) ripple(draws, draws.chance(0.5) ? pre : post, anatomy);
  return [
    { image: pre, scanner: before },
    { image: post, scanner: after },
  ];
}

const bounded = (x: number, limit: number) => Math.max(-limit, Math.min(limit, x));

/** Tissue as the second scan sees it: other gain, contrast and bias field; what else has changed; the agent. */
function secondLook(draws: Draws, { tissue, uptake, change }: Anatomy, first: Float32Array, bias: Float32Array): Float32Array {
  const gain = Math.exp(0.05 * draws.normal());
  const offset = 0.03 * draws.normal();
  const contrast = draws.chance(0.5) ? 0.12 * draws.normal() : 0;
  const uneven = draws.logUniform(0.003, 0.1);
  const second = new Float32Array(first.length);
  for (let v = 0; v < second.length; v++) {
    if (tissue[v] === 0 && uptake[v] === 0) continue; // air
    const a = first[v]!;
    const seen = a * gain * (1 + uneven * bias[v]! + contrast * (a - 0.6)) + offset + change[v]! + uptake[v]!;
    second[v] = Math.max(0, seen);
  }
  return second;
}

/** Adds displacement · gradient along one or two axes, the displacement varying smoothly over the patch. */
function misregister(draws: Draws, image: Float32Array, { shape, slow, warp }: Anatomy): void {
  const steps = [1, shape[0], shape[0] * shape[1]];
  const original = image.slice();
  for (let n = draws.between(1, 2); n > 0; n--) {
    const step = steps[draws.between(0, 2)]!;
    const amount = 0.5 * draws.logUniform(0.04, 0.5);
    const field = draws.chance(0.7) ? slow : warp;
    for (let v = step; v < image.length - step; v++)
      image[v]! += amount * bounded(field[v]!, 2) * (original[v + step]! - original[v - step]!);
  }
}

/** A faint copy of what enhances, some voxels away along the phase-encoding axis: pulsation. */
function ghost(draws: Draws, image: Float32Array, uptake: Float32Array, shape: Vec3): void {
  const steps = [1, shape[0], shape[0] * shape[1]];
  const amount = draws.sign() * draws.logUniform(0.01, 0.1);
  const step = steps[draws.between(0, 2)]! * draws.between(4, Math.max(4, Math.floor(shape[0] / 2)));
  for (let v = step; v < image.length; v++) {
    if (image[v] !== 0) image[v]! += amount * uptake[v - step]!;
    if (image[v - step] !== 0) image[v - step]! += amount * uptake[v]!;
  }
}

/** Waves across the image where a smooth field lets them: motion, spikes. */
function ripple(draws: Draws, image: Float32Array, { shape: [ni, nj, nk], slow: where }: Anatomy): void {
  const amount = draws.logUniform(0.003, 0.04);
  const [x, y, z] = draws.direction();
  const frequency = (2 * Math.PI) / draws.logUniform(2.5, 16);
  // sin(a + b·i) along a row, by turning.
  const [turnCos, turnSin] = [Math.cos(frequency * x), Math.sin(frequency * x)];
  for (let k = 0, v = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) {
      let c = Math.cos(frequency * (j * y + k * z));
      let s = Math.sin(frequency * (j * y + k * z));
      for (let i = 0; i < ni; i++, v++) {
        if (where[v]! > 0) image[v]! += amount * where[v]! * s * image[v]!;
        [c, s] = [c * turnCos - s * turnSin, s * turnCos + c * turnSin];
      }
    }
}
