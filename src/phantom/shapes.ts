// Depths are in mm and positive inside a shape; they are exact, or good near the surface, which is where they matter.

/** Minimum of two depths with the edge rounded over `k` mm. */
export function smoothMin(a: number, b: number, k: number): number {
  const h = k - Math.abs(a - b);
  return Math.min(a, b) - (h > 0 ? (h * h) / (4 * k) : 0);
}

/** Maximum of two depths with the crease filled over `k` mm: a union. */
export function smoothMax(a: number, b: number, k: number): number {
  const h = k - Math.abs(a - b);
  return Math.max(a, b) + (h > 0 ? (h * h) / (4 * k) : 0);
}

/** How much of a voxel `width` mm wide lies inside a shape with its centre `depth` mm below the surface, 0 to 1. */
export function cover(depth: number, width: number): number {
  const f = 0.5 + depth / width;
  return Math.max(0, Math.min(1, f));
}

/** The same for a sheet of half-thickness `half` at distance `s` from its middle: right for sheets thinner than a voxel. */
export function sheetCover(s: number, half: number, width: number): number {
  const high = Math.min(s + width / 2, half);
  const low = Math.max(s - width / 2, -half);
  return high > low ? (high - low) / width : 0;
}

/** The same for a tube of radius `radius`; one thinner than the voxel fills no more than its cross-section. */
export function tubeCover(depth: number, radius: number, width: number): number {
  const f = cover(depth, width);
  if (f === 0 || radius >= width / 2) return f;
  return (f * Math.PI * radius * radius) / (width * width * (0.5 + radius / width));
}

/** Depth in an ellipsoid at the origin, to first order (exact on a sphere). */
export function ellipsoidDepth(x: number, y: number, z: number, rx: number, ry: number, rz: number): number {
  const ax = x / rx;
  const ay = y / ry;
  const az = z / rz;
  const k0 = Math.sqrt(ax * ax + ay * ay + az * az);
  if (k0 < 1e-6) return Math.min(rx, ry, rz);
  const bx = ax / rx;
  const by = ay / ry;
  const bz = az / rz;
  return (k0 * (1 - k0)) / Math.sqrt(bx * bx + by * by + bz * bz);
}

/** Depth in an ellipse of the plane, to first order. */
export function ellipseDepth(y: number, z: number, ry: number, rz: number): number {
  return ellipsoidDepth(0, y, z, 1, ry, rz);
}

/** A chain of round cones: x, y, z and radius of each joint, in mm, and the box around them. */
export interface Tube {
  readonly joints: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Makes a tube through the joints [x, y, z, radius], widened everywhere by the factor `thickness`. */
export function createTube(joints: readonly (readonly [number, number, number, number])[], thickness = 1): Tube {
  const flat = Float64Array.from(joints.flatMap(([x, y, z, r]) => [x, y, z, r * thickness]));
  const margin = 4;
  const bound = (axis: number, sign: number) =>
    sign * Math.max(...joints.map((j) => sign * j[axis]! + j[3] * thickness)) + sign * margin;
  return {
    joints: flat,
    low: Float64Array.of(bound(0, -1), bound(1, -1), bound(2, -1)),
    high: Float64Array.of(bound(0, 1), bound(1, 1), bound(2, 1)),
  };
}

/** Depth in a tube; −4 or less anywhere beyond 4 mm from its box. */
export function tubeDepth({ joints, low, high }: Tube, x: number, y: number, z: number): number {
  if (x < low[0]! || x > high[0]! || y < low[1]! || y > high[1]! || z < low[2]! || z > high[2]!) return -4;
  let best = Number.NEGATIVE_INFINITY;
  for (let a = 0; a + 4 < joints.length; a += 4) {
    const ux = joints[a + 4]! - joints[a]!;
    const uy = joints[a + 5]! - joints[a + 1]!;
    const uz = joints[a + 6]! - joints[a + 2]!;
    const px = x - joints[a]!;
    const py = y - joints[a + 1]!;
    const pz = z - joints[a + 2]!;
    let t = (px * ux + py * uy + pz * uz) / (ux * ux + uy * uy + uz * uz);
    t = Math.max(0, Math.min(1, t));
    const dx = px - t * ux;
    const dy = py - t * uy;
    const dz = pz - t * uz;
    const depth = joints[a + 3]! + t * (joints[a + 7]! - joints[a + 3]!) - Math.sqrt(dx * dx + dy * dy + dz * dz);
    if (depth > best) best = depth;
  }
  return best;
}
