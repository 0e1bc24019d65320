import { expect, test } from "vitest";
import { doors } from "./doors.js";

// What others import. A name that goes or changes is a change of the contract: it belongs into CHANGELOG.md.
test("the names behind each door", async () => {
  const names: Record<string, readonly string[]> = {};
  for (const door of doors) {
    const module = (await import(/* @vite-ignore */ `../../src/${door ? `${door}/` : ""}index.ts`)) as object;
    names[door || "."] = Object.keys(module).sort();
  }
  await expect(`${JSON.stringify(names, null, 1)}\n`).toMatchFileSnapshot("names.json");
});
