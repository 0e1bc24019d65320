import type { Vec3 } from "../../core/grid.js";
import type { Anatomy } from "./anatomy.js";
import type { Draws } from "./draws.js";

/**
 * Adds lesions to an anatomy: solid ones, rings about necrosis, tiny metastases, nodular ones, plaques on a surface; soft or sharp, even or
 * mottled; darker or brighter than the tissue before the agent, with oedema about them. Some take up no agent.
 */
export function addLesions(draws: Draws, anatomy: Anatomy): void {
  const count = draws.chance(0.2) ? 0 : draws.between(1, 4);
  for (let n = 0; n < count; n++) addLesion(draws, anatomy, drawLesion(draws, anatomy.shape));
  if (draws.chance(0.35)) addClump(draws, anatomy);
  if (draws.chance(0.25)) {
    const amplitude = draws.logUniform(0.15, 2.5);
    for (let n = draws.between(1, 8); n > 0; n--) addLesion(draws, anatomy, drawTiny(draws, anatomy.shape, amplitude));
  }
}

interface Lesion {
  /** Centres and radii of the balls that it is the union of, in voxels: four numbers each. */
  readonly balls: Float64Array;
  /** Rows of a matrix that stretches space. */
  readonly stretch: readonly Vec3[];
  readonly radius: number;
  readonly bend: number;
  readonly edge: number;
  readonly amplitude: number;
  /** Width of a ring's rim in voxels (Infinity: solid) and the part of the uptake that its core lacks. */
  readonly rim: number;
  readonly hollow: number;
  /** What else changes in the core between the scans: fluid, blood. */
  readonly coreChange: number;
  readonly mottled: number;
  /** Relative change of the tissue in the lesion, in its core and about it. */
  readonly shade: number;
  readonly coreShade: number;
  readonly halo: number;
}

function drawLesion(draws: Draws, shape: Vec3): Lesion {
  const radius = draws.logUniform(1.5, 0.45 * Math.min(...shape));
  const kind = draws.uniform();
  const ring = kind < 0.4 && radius > 2.5;
  const plaque = kind > 0.85;
  const nodes = kind > 0.65 && !plaque ? draws.between(2, 5) : 1;
  const balls = new Float64Array(4 * nodes);
  const centre = shape.map((n) => draws.uniform(-0.05, 1.05) * n);
  for (let ball = 0; ball < nodes; ball++) {
    const away = draws.direction();
    const distance = ball === 0 ? 0 : radius * draws.uniform(0.4, 1.2);
    for (let axis = 0; axis < 3; axis++) balls[4 * ball + axis] = centre[axis]! + distance * away[axis]!;
    balls[4 * ball + 3] = radius * (nodes === 1 ? 1 : draws.uniform(0.3, 0.7));
  }
  const flat = plaque ? draws.uniform(0.15, 0.4) : draws.uniform(0.55, 1);
  return {
    balls,
    stretch: stretchAlong(draws.direction(), 1 / flat),
    radius,
    bend: draws.uniform(0, draws.chance(0.3) ? 0.9 : 0.45) * Math.min(radius, 6) * (plaque ? flat : 1),
    edge: draws.chance(0.8) ? draws.uniform(0.2, 1.2) : draws.uniform(1.2, 5),
    amplitude: draws.chance(0.85) ? draws.logUniform(0.1, 2.5) : 0,
    coreChange: draws.chance(0.4) ? draws.uniform(-0.4, 0.15) : 0,
    rim: ring ? draws.uniform(0.8, Math.max(1.2, 0.5 * radius)) : Infinity,
    hollow: draws.uniform(0.5, 1.05),
    mottled: draws.chance(0.6) ? draws.uniform(0, 0.7) : 0,
    shade: draws.uniform(-0.35, 0.2),
    coreShade: draws.uniform(-0.5, 0.15),
    halo: draws.chance(0.5) ? draws.uniform(-0.3, 0) : 0,
  };
}

function drawTiny(draws: Draws, shape: Vec3, amplitude: number): Lesion {
  const radius = draws.uniform(0.5, 2.2);
  return {
    balls: Float64Array.from([...shape.map((n) => draws.uniform(0, n)), radius]),
    stretch: stretchAlong(draws.direction(), draws.uniform(1, 1.5)),
    radius,
    bend: draws.uniform(0, 0.3),
    edge: draws.uniform(0.3, 1.2),
    amplitude: amplitude * draws.uniform(0.4, 1.2),
    rim: Infinity,
    hollow: 0,
    coreChange: 0,
    mottled: 0,
    shade: draws.uniform(-0.2, 0.1),
    coreShade: 0,
    halo: 0,
  };
}

/** The matrix 1 + (factor − 1)·nnᵀ, by rows. */
const stretchAlong = (n: Vec3, factor: number): readonly Vec3[] =>
  [0, 1, 2].map(
    (row) => [0, 1, 2].map((column) => Number(row === column) + (factor - 1) * n[row]! * n[column]!) as unknown as Vec3,
  );

/** Irregular lobes: where a field is high within a ball. */
function addClump(draws: Draws, { shape: [ni, nj, nk], tissue, uptake, warp, mottle }: Anatomy): void {
  const [x, y, z] = [draws.uniform(0, ni), draws.uniform(0, nj), draws.uniform(0, nk)];
  const radius = draws.logUniform(4, 0.6 * Math.min(ni, nj, nk));
  const amplitude = draws.logUniform(0.15, 2.5);
  const level = draws.uniform(-0.8, 0.8);
  const fine = draws.uniform(0, 0.5);
  const steep = draws.uniform(0.8, 4);
  const shade = draws.uniform(-0.3, 0.2);
  for (let k = 0, v = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++, v++) {
        const away = ((i - x) ** 2 + (j - y) ** 2 + (k - z) ** 2) / (radius * radius);
        if (away > 1) continue;
        const share = smoothStep(3 * (1 - away)) * smoothStep(steep * (warp[v]! + fine * mottle[v]! - level));
        uptake[v]! += amplitude * share;
        tissue[v]! *= 1 + shade * share;
      }
}

function addLesion(draws: Draws, { shape: [ni, nj, nk], tissue, uptake, change, warp, mottle }: Anatomy, lesion: Lesion): void {
  const { balls, stretch, bend, edge, amplitude, rim, hollow, coreChange, mottled, shade, coreShade, halo } = lesion;
  const reach = lesion.radius * 2 + 2 * bend + edge + 4;
  const low = [0, 1, 2].map((axis) => Math.max(0, Math.floor(balls[axis]! - reach)));
  const high = [0, 1, 2].map((axis) => Math.min([ni, nj, nk][axis]!, Math.ceil(balls[axis]! + reach)));
  const [[a, b, c], [d, e, f], [g, h, l]] = stretch as [Vec3, Vec3, Vec3];
  const width = draws.uniform(2, 5);
  for (let k = low[2]!; k < high[2]!; k++)
    for (let j = low[1]!; j < high[1]!; j++)
      for (let i = low[0]!, v = low[0]! + ni * (j + nj * k); i < high[0]!; i++, v++) {
        let depth = -Infinity;
        for (let ball = 0; ball < balls.length; ball += 4) {
          const x = i - balls[ball]!;
          const y = j - balls[ball + 1]!;
          const z = k - balls[ball + 2]!;
          const [p, q, r] = [a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + l * z];
          depth = Math.max(depth, balls[ball + 3]! - Math.sqrt(p * p + q * q + r * r));
        }
        depth += bend * warp[v]!;
        if (depth < -width - edge) continue;
        const inside = smoothStep(0.5 + depth / edge);
        const core = rim === Infinity ? 0 : smoothStep(0.5 + (depth - rim * (1 + 0.3 * mottle[v]!)) / edge);
        const about = halo === 0 ? 0 : smoothStep(1 + depth / width) * (1 - inside);
        tissue[v]! *= 1 + inside * shade + core * (coreShade - shade) + about * halo;
        change[v]! += coreChange * core;
        if (amplitude > 0 && inside > 0)
          uptake[v]! +=
            amplitude * inside * Math.max(0, 1 - hollow * core) * (1 + mottled * Math.max(-1, Math.min(1.5, mottle[v]!)));
      }
}

/** 0 below 0, 1 above 1, smooth between. */
export function smoothStep(x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return x * x * (3 - 2 * x);
}
