/**
 * Undoes the wavelet transform of an image, in place: its low and high frequencies lie side by side, the coarsest in the corner.
 *
 * @param levels how often it was halved
 * @see ITU-T T.800, annex F
 */
export function inverseWavelet(
  image: Float32Array | Int32Array,
  columns: number,
  rows: number,
  levels: number,
  reversible: boolean,
): void {
  const line = reversible ? new Int32Array(Math.max(columns, rows)) : new Float32Array(Math.max(columns, rows));
  const lift = reversible ? lift53 : lift97;
  for (let level = levels - 1; level >= 0; level--) {
    const [width, height] = [Math.ceil(columns / 2 ** level), Math.ceil(rows / 2 ** level)];
    for (let y = 0; y < height; y++) synthesise(image, y * columns, 1, width, line, lift);
    for (let x = 0; x < width; x++) synthesise(image, x, columns, height, line, lift);
  }
}

type Lift = (line: Float32Array | Int32Array, length: number) => void;

/** Makes one line of samples of its low and high frequencies. */
function synthesise(
  image: Float32Array | Int32Array,
  start: number,
  step: number,
  length: number,
  line: Float32Array | Int32Array,
  lift: Lift,
): void {
  if (length === 1) return;
  const low = (length + 1) >> 1;
  for (let n = 0; n < length; n++) line[n] = image[start + (n % 2 === 0 ? n >> 1 : low + (n >> 1)) * step]!;
  lift(line, length);
  for (let n = 0; n < length; n++) image[start + n * step] = line[n]!;
}

/** The index within the line, which goes on mirrored at both ends. */
const mirrored = (n: number, length: number) => (n < 0 ? -n : n >= length ? 2 * (length - 1) - n : n);

const lift53: Lift = (line, length) => {
  const at = (n: number) => line[mirrored(n, length)]!;
  for (let n = 0; n < length; n += 2) line[n]! -= (at(n - 1) + at(n + 1) + 2) >> 2;
  for (let n = 1; n < length; n += 2) line[n]! += (at(n - 1) + at(n + 1)) >> 1;
};

const [ALPHA, BETA, GAMMA, DELTA, K] = [
  -1.586134342059924, -0.052980118572961, 0.882911075530934, 0.443506852043971, 1.230174104914001,
];

const lift97: Lift = (line, length) => {
  for (let n = 0; n < length; n++) line[n]! *= n % 2 === 0 ? K : 1 / K;
  for (const [first, weight] of [
    [0, DELTA],
    [1, GAMMA],
    [0, BETA],
    [1, ALPHA],
  ] as const)
    for (let n = first; n < length; n += 2)
      line[n]! -= weight * (line[mirrored(n - 1, length)]! + line[mirrored(n + 1, length)]!);
};
