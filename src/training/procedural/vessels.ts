import type { Vec3 } from "../../core/grid.js";
import type { Anatomy } from "./anatomy.js";
import type { Draws } from "./draws.js";
import { smoothField } from "./smoothField.js";

/** Adds vessels: tubes along winding, branching lines, and now and then a net of fine ones, where two fields vanish together. */
export function addVessels(draws: Draws, anatomy: Anatomy): void {
  const { shape, tissue, uptake } = anatomy;
  const tubes = new Float32Array(tissue.length);
  if (draws.chance(0.8)) for (let n = draws.between(2, 18); n > 0; n--) addTube(draws, tubes, shape);
  if (draws.chance(0.35)) addNet(draws, tubes, shape);
  const blood = draws.logUniform(0.7, 1.6);
  const inflow = draws.chance(0.5) ? draws.uniform(-0.7, 0.1) : draws.uniform(0, 1);
  for (let v = 0; v < tubes.length; v++) {
    const tube = tubes[v]!;
    if (tube === 0) continue;
    tissue[v]! *= 1 + inflow * Math.min(1, tube);
    uptake[v]! += blood * tube;
  }
}

/** Writes the largest of what is there and the tube: amplitude inside, falling off over a voxel. */
function addTube(draws: Draws, tubes: Float32Array, shape: Vec3): void {
  const paths = [
    {
      at: shape.map((n) => draws.uniform(-0.05, 1.05) * n),
      to: draws.direction() as number[],
      radius: draws.logUniform(0.25, draws.chance(0.2) ? 5 : 1.5),
      steps: draws.between(20, 3 * Math.max(...shape)),
    },
  ];
  const amplitude = draws.logUniform(0.3, 2.5);
  const winding = draws.uniform(0.02, 0.3);
  const taper = draws.uniform(0.99, 1);
  for (let drawn = 0; paths.length > 0 && drawn < 6; drawn++) {
    const { at, to, radius, steps } = paths.pop()!;
    let r = radius;
    for (let step = 0; step < steps; step++) {
      for (let axis = 0; axis < 3; axis++) {
        to[axis]! += winding * draws.normal();
        at[axis]! += (0.6 * to[axis]!) / Math.hypot(to[0]!, to[1]!, to[2]!);
      }
      const length = Math.hypot(to[0]!, to[1]!, to[2]!);
      for (let axis = 0; axis < 3; axis++) to[axis]! /= length;
      if (at.some((x, axis) => x < -4 || x > shape[axis]! + 4)) break;
      stampBall(tubes, shape, at, r, amplitude);
      r = Math.max(0.25, r * taper);
      if (paths.length < 3 && draws.chance(0.04))
        paths.push({ at: [...at], to: draws.direction() as number[], radius: r * 0.75, steps: Math.floor(steps / 2) });
    }
  }
}

function stampBall(tubes: Float32Array, [ni, nj, nk]: Vec3, at: readonly number[], radius: number, amplitude: number): void {
  const [x, y, z] = at as [number, number, number];
  const reach = radius + 0.6;
  const iLow = Math.max(0, Math.ceil(x - reach));
  const iHigh = Math.min(ni - 1, Math.floor(x + reach));
  for (let k = Math.max(0, Math.ceil(z - reach)); k <= Math.min(nk - 1, Math.floor(z + reach)); k++)
    for (let j = Math.max(0, Math.ceil(y - reach)); j <= Math.min(nj - 1, Math.floor(y + reach)); j++) {
      const row = ni * (j + nj * k);
      const flat = (j - y) ** 2 + (k - z) ** 2;
      for (let i = iLow; i <= iHigh; i++) {
        const inside = radius + 0.5 - Math.sqrt(flat + (i - x) ** 2);
        if (inside <= 0) continue;
        const value = amplitude * Math.min(1, inside);
        if (value > tubes[row + i]!) tubes[row + i] = value;
      }
    }
}

function addNet(draws: Draws, tubes: Float32Array, shape: Vec3): void {
  const cell = draws.uniform(3, 9);
  const a = smoothField(draws, shape, cell);
  const b = smoothField(draws, shape, cell);
  const width = draws.uniform(0.04, 0.16) ** 2;
  const amplitude = draws.logUniform(0.15, 1.5);
  for (let v = 0; v < tubes.length; v++) {
    const distance = (a[v]! * a[v]! + b[v]! * b[v]!) / width;
    if (distance < 6) tubes[v] = Math.max(tubes[v]!, amplitude * Math.exp(-distance));
  }
}
