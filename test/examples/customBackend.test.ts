import { describe, expect, test } from "vitest";
import { type LogEntry, withCache, withLog } from "../../examples/custom-backend/index.js";
import { cpu } from "../../src/backend/index.js";
import { createModel } from "../../src/model/index.js";
import { conformance } from "../backend/conformance.js";
import { absent } from "../backend/runtime.js";
import { identityModel } from "../model/tinyOnnx.js";

const wrapped = (log: (entry: LogEntry) => void, results = 2) => withCache(withLog(cpu({ threads: 1 }), log), { results });

// A wrapped backend is a backend.
conformance("withLog(withCache(cpu()))", () => withLog(withCache(cpu({ threads: 1 }), { results: 4 }), () => {}), {
  tolerance: 2 ** -21,
  skip: absent,
});

const image = (value: number) => ({ dims: [1, 1, 1, 1, 2], data: Float32Array.of(value, 1) });

describe.skipIf(absent)("a backend of one's own", () => {
  test("computes the same input once, and gives each caller its own copy", async () => {
    const entries: LogEntry[] = [];
    const session = await wrapped((entry) => entries.push(entry)).load(createModel(identityModel()));
    const [first, second] = await Promise.all([session.run({ image: image(5) }), session.run({ image: image(5) })]);
    expect([...first["restored"]!.data]).toEqual([5, 1]);
    first["restored"]!.data.fill(0);
    expect([...second["restored"]!.data]).toEqual([5, 1]);
    expect([...(await session.run({ image: image(5) }))["restored"]!.data]).toEqual([5, 1]);
    expect(entries.map(({ what }) => what)).toEqual(["load", "run"]);
    // Other dimensions are another input.
    await session.run({ image: { ...image(5), dims: [1, 1, 1, 2, 1] } });
    expect(entries.length).toBe(3);
    await session.dispose();
    expect(entries.map(({ what }) => what)).toEqual(["load", "run", "run", "dispose"]);
    expect(entries.every(({ backend, ms }) => backend === "cpu" && ms >= 0)).toBe(true);
  });

  test("forgets what was not used for longest, and never keeps a failure", async () => {
    const entries: LogEntry[] = [];
    const session = await wrapped((entry) => entries.push(entry)).load(createModel(identityModel()));
    for (const value of [1, 2, 1, 3, 1, 2]) await session.run({ image: image(value) });
    // 1, 2 and 3 are computed; 3 pushed 2 out.
    expect(entries.filter(({ what }) => what === "run").length).toBe(4);
    for (let n = 0; n < 2; n++) await expect(session.run({ other: image(1) })).rejects.toMatchObject({ code: "out-of-range" });
    expect(entries.filter(({ error }) => error?.includes('"other"')).length).toBe(2);
    await session.dispose();
  });
});
