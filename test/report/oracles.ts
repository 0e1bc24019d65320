import { decode } from "fast-png";

/** A PNG's pixels: `at(x, y)` gives red, green, blue. */
export function pixels(png: Uint8Array) {
  const { width, height, data, channels } = decode(png);
  const at = (x: number, y: number) => [...data.slice(channels * (y * width + x), channels * (y * width + x) + 3)];
  return { width, height, data, at };
}

/** RFC 4180 by one character at a time; null where a field is empty and not quoted. */
export function parseCsvSlowly(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let field = "";
  let quoted = false;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (inside) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') {
        field += '"';
        i++;
      } else inside = false;
    } else if (c === '"') {
      inside = true;
      quoted = true;
    } else if (c === "," || (c === "\r" && text[i + 1] === "\n")) {
      row.push(field === "" && !quoted ? null : field);
      field = "";
      quoted = false;
      if (c === "\r") {
        rows.push(row);
        row = [];
        i++;
      }
    } else field += c;
  }
  if (inside || field !== "" || row.length > 0) throw new Error("the text does not end with a line end");
  return rows;
}

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (XmlElement | string)[];
}

const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

const unescapeXml = (text: string) =>
  text.replace(/&[^;]*;?/g, (entity) => {
    const character = ENTITIES[entity];
    if (character === undefined) throw new Error(`not an entity: ${entity}`);
    return character;
  });

/** A small strict XML parser: throws unless the text is one well-formed element. */
export function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: "", attributes: {}, children: [] };
  const open = [root];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const tag = /^<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/.exec(rest);
    if (tag) {
      const [whole, closing, name, attributeText, empty] = tag as unknown as [string, string, string, string, string];
      if (closing) {
        if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
      } else {
        const pairs = [...attributeText.matchAll(/([\w:-]+)="([^"]*)"/g)].map(
          ([, key, value]) => [key!, unescapeXml(value!)] as const,
        );
        if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`an attribute of <${name}> stands twice`);
        const element: XmlElement = { name, attributes: Object.fromEntries(pairs), children: [] };
        open.at(-1)!.children.push(element);
        if (!empty) open.push(element);
      }
      at += whole.length;
    } else {
      const characters = /^[^<]+/.exec(rest)?.[0];
      if (!characters) throw new Error(`not markup: ${rest.slice(0, 60)}`);
      open.at(-1)!.children.push(unescapeXml(characters));
      at += characters.length;
    }
  }
  const [element, ...others] = root.children;
  if (open.length !== 1 || typeof element !== "object" || others.length > 0) throw new Error("not one whole element");
  return element;
}

/** All elements with a name, in document order. */
export function elements({ children }: XmlElement, name: string): XmlElement[] {
  return children.flatMap((child) =>
    typeof child === "string" ? [] : [...(child.name === name ? [child] : []), ...elements(child, name)],
  );
}

/** The text in an element and in those within. */
export const textOf = ({ children }: XmlElement): string =>
  children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
