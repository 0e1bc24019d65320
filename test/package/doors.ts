import { readFileSync } from "node:fs";

export interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly typesVersions: { readonly "*": Readonly<Record<string, readonly string[]>> };
  readonly dependencies: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

/** The doors of the package: "", "io", "metrics" … */
export const doors: readonly string[] = Object.keys(manifest.exports)
  .filter((door) => door !== "./package.json")
  .map((door) => door.slice(2));

/** How a door is imported. */
export const specifier = (door: string): string => (door ? `gadolinite/${door}` : "gadolinite");
