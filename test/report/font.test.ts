import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCanvas, drawText } from "../../src/report/canvas.js";
import { fitText, inkText, measureText } from "../../src/report/font.js";

const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const EXTRA = [..."×±σµ−–—°·…≤≥≈∞²³αβδΔ"];

/** The ink of a text as lines of `#` and `.`, without empty borders. */
function picture(text: string, size: number): string {
  const canvas = createCanvas(300, 60, [255, 255, 255]);
  drawText(canvas, 20, 40, text, { size, color: [0, 0, 0] });
  const rows = Array.from({ length: 60 }, (_, y) =>
    Array.from({ length: 300 }, (_, x) => (canvas.data[3 * (300 * y + x)]! < 128 ? "#" : ".")).join(""),
  );
  const used = rows.filter((row) => row.includes("#"));
  const first = Math.min(...used.map((row) => row.indexOf("#")));
  const last = Math.max(...used.map((row) => row.lastIndexOf("#")));
  return used.map((row) => row.slice(first, last + 1)).join("\n");
}

describe("the font", () => {
  test("has every printable character, each of its own form", () => {
    const forms = new Map<string, string>();
    for (const character of [...PRINTABLE.slice(1), ...EXTRA]) {
      const form = picture(character, 28);
      expect(form, character).toContain("#");
      expect(form, character).not.toBe(picture("\u4e00", 28));
      // Dashes of several lengths, and brackets and commas, may look alike only if they are the same.
      const twin = forms.get(form);
      expect(twin, `${character} looks like ${twin}`).toBeUndefined();
      forms.set(form, character);
    }
    expect(picture(" ", 28)).toBe("");
  });

  test("letters are drawn upright, sharp and the right way round", () => {
    expect(picture("L", 12)).toBe(["#....", "#....", "#....", "#....", "#....", "#....", "#....", "#####"].join("\n"));
    const upright = picture("F", 12).split("\n");
    expect(upright[0]).toMatch(/^#{4,5}$/);
    expect(upright.at(-1)).toMatch(/^#\.+$/);
  });

  test("accents are dropped, unknown characters are boxes, spaces of all kinds are spaces", () => {
    expect(picture("é", 20)).toBe(picture("e", 20));
    expect(picture("μ", 20)).toBe(picture("µ", 20));
    expect(picture("語", 20)).toBe(picture("界", 20));
    expect(measureText("a\u00a0b", 16)).toBe(measureText("a b", 16));
  });

  test("upwards is the same text turned left", () => {
    const [flat, turned] = [createCanvas(60, 60, [0, 0, 0]), createCanvas(60, 60, [0, 0, 0])];
    drawText(flat, 10, 30, "Rp", { size: 16, color: [255, 255, 255] });
    drawText(turned, 30, 50, "Rp", { size: 16, color: [255, 255, 255], upwards: true });
    for (let y = 0; y < 60; y++)
      // A step to the right becomes a step up; the text begins at column 10 of one and above row 50 of the other.
      for (let x = 10; x < 50; x++) expect(turned.data[3 * (60 * (59 - x) + y)]).toBe(flat.data[3 * (60 * y + x)]);
  });

  test("law: ink stays within the measured width, and shortened texts fit", () => {
    const text = fc.string({ unit: fc.constantFrom(...PRINTABLE, ...EXTRA), minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 30 }), fc.integer({ min: 30, max: 200 }), (string, size, width) => {
        let right = -Infinity;
        let left = Infinity;
        inkText(string, size, 0, (x, _y, coverage) => {
          if (coverage < 0.5) return;
          right = Math.max(right, x + 1);
          left = Math.min(left, x);
        });
        // A pen's edge is soft: half a pixel each way, and a trailing space has no ink.
        if (right > 0) expect(right).toBeLessThanOrEqual(measureText(string, size) + 1);
        if (right > 0) expect(left).toBeGreaterThanOrEqual(-1);
        expect(measureText(fitText(string, size, width), size)).toBeLessThanOrEqual(Math.max(width, measureText("…", size)));
      }),
    );
  });
});
