export type Colormap = "gray" | "diverging";

/** Red, green, blue, each 0 to 255. */
export type Rgb = readonly [number, number, number];

const GRAY = Uint8Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3));
let diverging: Uint8Array | undefined;

/** Red, green, blue of the 256 steps of a colour map. */
export function colorTable(colormap: Colormap): Uint8Array {
  if (colormap === "gray") return GRAY;
  diverging ??= divergingTable();
  return diverging;
}

/**
 * From blue by white to red, with the same lightness at the same distance from the middle, so that it neither favours a side
 * nor depends on telling red from green. In the OKLab colour space: lightness 0.97 to 0.40, hues 255° and 35°.
 *
 * @see Ottosson 2020, "A perceptual color space for image processing"
 */
function divergingTable(): Uint8Array {
  const table = new Uint8Array(3 * 256);
  for (let step = 0; step < 256; step++) {
    const t = (step - 127.5) / 127.5;
    const hue = ((t < 0 ? 255 : 35) * Math.PI) / 180;
    const chroma = 0.15 * Math.abs(t) ** 0.8;
    const rgb = fromOklab(0.97 - 0.57 * Math.abs(t), chroma * Math.cos(hue), chroma * Math.sin(hue));
    table.set(rgb, 3 * step);
  }
  return table;
}

/** OKLab to sRGB bytes. */
function fromOklab(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((v) => {
    const clamped = Math.min(1, Math.max(0, v));
    return Math.round(255 * (clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055));
  }) as unknown as Rgb;
}
