const ELEMENTS = new Set(["svg", "title", "desc", "g", "path", "line", "rect", "circle", "text", "tspan"]);
const ATTRIBUTES = new Set(
  `xmlns role viewBox width height x y x1 y1 x2 y2 cx cy r rx d class color fill stroke opacity fill-opacity stroke-width stroke-dasharray
  stroke-linejoin font-family font-size font-weight text-anchor overflow`.split(/\s+/),
);

/**
 * Whether an SVG is no more than shapes and text: the elements and attributes that this library's charts have, every quote and
 * bracket in its place. Only then may it stand in a page as markup; a list of what is allowed can't forget what is not.
 */
export function isPlainSvg(svg: string): boolean {
  const open: string[] = [];
  let end = 0;
  for (const match of svg.matchAll(/<(\/?)([a-z]+)((?:\s+[\w-]+="[^"<>]*")*)\s*(\/?)>/gi)) {
    const [tag, closing, name, attributes, empty] = match as unknown as [string, string, string, string, string];
    // Between tags stands text alone, and nothing but blanks around the outermost element.
    const between = svg.slice(end, match.index);
    if (/[<>]/.test(between) || (open.length === 0 && between.trim() !== "")) return false;
    if (open.length === 0 && (end > 0 || name !== "svg")) return false;
    end = match.index + tag.length;
    if (!ELEMENTS.has(name)) return false;
    if (closing) {
      if (attributes || empty || open.pop() !== name) return false;
    } else {
      for (const [, key, value] of attributes.matchAll(/([\w-]+)="([^"]*)"/g))
        if (!ATTRIBUTES.has(key!) || (key !== "xmlns" && /[:&\\]|url\s*\(/i.test(value!))) return false;
      if (!empty) open.push(name);
      else if (open.length === 0) return false;
    }
  }
  return end > 0 && open.length === 0 && svg.slice(end).trim() === "";
}
