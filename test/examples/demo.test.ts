import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseOptions } from "../../examples/demo/options.js";
import { runDemo } from "../../examples/demo/runDemo.js";
import { createVolume, type Mask } from "../../src/index.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { saveVolume } from "../../src/node/saveVolume.js";
import { smallStudy } from "../recipes/pair.js";

const folder = mkdtempSync(join(tmpdir(), "gadolinite-demo-"));
const study = smallStudy(1);
const at = (name: string) => join(folder, "case-1", name);
const [t1, t1ce, seg, brain] = ["t1.nii.gz", "t1ce.nii.gz", "seg.nii.gz", "brain.nii.gz"].map(at) as [
  string,
  string,
  string,
  string,
];

beforeAll(async () => {
  mkdirSync(join(folder, "case-1"));
  const labels = (mask: Mask, label: number) =>
    createVolume(
      mask.data.map((v) => v * label),
      mask.grid,
    );
  await saveVolume(t1, study.preContrast);
  await saveVolume(t1ce, study.postContrast[0]!.volume);
  await saveVolume(seg, labels(study.lesions!, 3));
  await saveVolume(brain, labels(study.brain!, 1));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const task = (signal = new AbortController().signal, onProgress: () => void = () => {}) => {
  const said: string[] = [];
  return { signal, onProgress, say: (line: string) => said.push(line), said };
};

const run = async (...args: string[]) => {
  const { said, ...rest } = task();
  await runDemo(parseOptions(args), rest);
  return said;
};

/** The table as objects; fields have no quotes in this demo. */
function readTable(path: string): readonly Record<string, string>[] {
  const [header, ...lines] = readFileSync(path, "utf8").trim().split("\r\n");
  const names = header!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, n) => [names[n]!, value])));
}

describe("the demo on a pair of files", () => {
  const out = join(folder, "out");

  test("writes the whole result, which agrees with itself", async () => {
    const said = await run(
      t1,
      t1ce,
      "--seg",
      seg,
      "--labels",
      "3",
      "--brain",
      brain,
      "--dose",
      "0.1,0.5",
      "--noise",
      "none",
      "--out",
      out,
    );
    expect(said.join("\n")).toMatch(/Results are in/);
    const names = readdirSync(out).sort();
    expect(names).toEqual(
      [
        "montage.png",
        "provenance.json",
        "report.html",
        "report.md",
        "table.csv",
        ...["0.10", "0.50"].flatMap((dose) => [
          `low_dose-${dose}.nii.gz`,
          ...["beyond", "contrast-small", "linear", "masked", "smoothed"].map((name) => `restored_dose-${dose}_${name}.nii.gz`),
        ]),
      ].sort(),
    );
    const record = JSON.parse(readFileSync(join(out, "provenance.json"), "utf8"));
    for (const { name, sha256 } of record.outputs)
      expect(
        createHash("sha256")
          .update(readFileSync(join(out, name)))
          .digest("hex"),
        name,
      ).toBe(sha256);
    expect(record.outputs.map(({ name }: { name: string }) => name)).toEqual(names.filter((name) => name !== "provenance.json"));
    expect(record.inputs.map(({ name }: { name: string }) => name)).toEqual([
      "t1.nii.gz",
      "t1ce.nii.gz",
      "brain.nii.gz",
      "seg.nii.gz",
      "contrast-small.onnx",
    ]);
    expect(record.calibration.gain).toBeCloseTo(1 / 1.7, 1);
  });

  test("the table has the columns that were promised, and follows Chen's law to 1e-4 dB", () => {
    const rows = readTable(join(out, "table.csv"));
    expect(Object.keys(rows[0]!).join()).toBe(
      "case,dose,noise,seed,restorer,region,psnr,ssim,mae,maeCe,relativeMean,relativeMax,cnr,lbr,cep,seconds",
    );
    expect(rows[0]).toMatchObject({ case: "case-1", noise: "none", seed: "1" });
    for (const region of ["image", "brain", "box", "lesion"]) {
      const psnr = (dose: string) =>
        Number(rows.find((row) => row["dose"] === dose && row["restorer"] === "none" && row["region"] === region)!["psnr"]);
      expect(Math.abs(psnr("0.5") - psnr("0.1") - 20 * Math.log10(0.9 / 0.5))).toBeLessThan(1e-4);
    }
  });

  test("volumes lie where the pre-contrast scan lies, in its intensities", async () => {
    const low = await loadVolume(join(out, "low_dose-0.50.nii.gz"));
    expect(low.grid).toEqual((await loadVolume(t1)).grid);
    const { gain } = JSON.parse(readFileSync(join(out, "provenance.json"), "utf8")).calibration;
    const post = study.postContrast[0]!.volume.data;
    for (let v = 0; v < low.data.length; v += 97) {
      const expected = (study.preContrast.data[v]! + gain * post[v]!) / 2;
      expect(Math.abs(low.data[v]! - expected)).toBeLessThan(1e-6 * 700 + 1e-6 * Math.abs(expected));
    }
  });

  test("the report is one page with pictures, charts and no script", () => {
    const html = readFileSync(join(out, "report.html"), "utf8");
    expect(html).toMatch(/<img [^>]*src="data:image\/png;base64,/);
    expect(html.match(/<svg/g)!.length).toBeGreaterThanOrEqual(4);
    expect(html).not.toMatch(/<script|src="http|href="http/);
    expect(html).toMatch(/Not a medical device/);
  });

  test("a second run takes the place of the first; a folder with other things in it is left alone", async () => {
    await run(t1, t1ce, "--dose", "0.5", "--out", out, "--calibration", "histogram-peaks");
    expect(readdirSync(out)).not.toContain("low_dose-0.10.nii.gz");
    const precious = join(folder, "precious");
    mkdirSync(precious);
    writeFileSync(join(precious, "thesis.txt"), "years");
    await expect(run(t1, t1ce, "--out", precious)).rejects.toThrowError(/holds other things/);
    expect(readdirSync(precious)).toEqual(["thesis.txt"]);
    await expect(run(t1, t1ce, "--out", t1)).rejects.toThrowError(/is a file/);
  });

  test("cancelled, it leaves nothing", async () => {
    const target = join(folder, "cancelled");
    const controller = new AbortController();
    const { said: _, ...rest } = task(controller.signal, () => controller.abort());
    await expect(runDemo(parseOptions([t1, t1ce, "--out", target]), rest)).rejects.toThrowError(
      expect.objectContaining({ code: "aborted" }),
    );
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("--dose 0 and 1 need no restorer", async () => {
    await run(t1, t1ce, "--dose", "0,1", "--out", join(folder, "ends"));
    expect(readdirSync(join(folder, "ends"))).toContain("report.html");
  });

  test("--model none leaves the network out", async () => {
    await run(t1, t1ce, "--dose", "0.5", "--model", "none", "--out", join(folder, "classical"));
    expect(readdirSync(join(folder, "classical")).filter((name) => name.includes("contrast"))).toEqual([]);
  });
});

describe("bad input", () => {
  test.each([
    [["one.nii"], /two scans/],
    [["--seg", "s.nii"], /need the two scans/],
    [["a", "b", "--labels", "3"], /--labels needs/],
    [["a", "b", "--dose", "ten"], /--dose takes numbers/],
    [["a", "b", "--noise", "loud"], /matched, none/],
    [["a", "b", "--magic"], /--magic/],
    [["a", "b", "--seed", ""], /--seed takes numbers/],
    [["--register"], /--register and --atlas need the two scans/],
    [["a", "b", "--atlas", "c"], /--atlas and --atlas-mask go together/],
    [["a", "b", "--atlas", "c", "--atlas-mask", "d", "--brain", "e"], /stand in for --brain/],
  ])("%j", (args, message) => expect(() => parseOptions(args)).toThrowError(message));

  const cases: readonly (readonly [string, () => readonly string[], string, RegExp])[] = [
    ["a file that isn't there", () => [at("none.nii.gz"), t1ce], "bad-file", /none\.nii\.gz/],
    ["a folder", () => [folder, t1ce], "bad-file", /folder|directory/],
    ["a .nii.gz that is not gzip", () => [plain(), t1ce], "bad-file", /gzip/],
    [
      "a label that doesn't exist",
      () => [t1, t1ce, "--seg", seg, "--labels", "4"],
      "empty-mask",
      /label 4; the labels there are 3/,
    ],
    ["a dose out of range", () => [t1, t1ce, "--dose", "1.2"], "out-of-range", /dose/],
    ["a model that isn't there", () => [t1, t1ce, "--model", at("none.onnx")], "bad-file", /none\.onnx/],
    ["a model that is none", () => [t1, t1ce, "--model", t1], "bad-model", /ONNX/],
  ];
  test.each(cases)("%s", async (_, args, code, message) => {
    const target = join(folder, "bad");
    const failing = run(...args(), "--out", target);
    await expect(failing).rejects.toThrowError(message);
    await expect(failing).rejects.toThrowError(expect.objectContaining({ code }));
    expect(existsSync(target)).toBe(false);
  });

  test("is told in one line, with exit code 1; --debug shows the stack", () => {
    const demo = (...args: string[]) =>
      spawnSync(resolve("node_modules/.bin/tsx"), ["examples/demo/demo.ts", ...args], {
        encoding: "utf8",
        env: { ...process.env, NODE_NO_WARNINGS: "1" },
      });
    const plainly = demo("only-one.nii");
    expect(plainly.status).toBe(1);
    expect(plainly.stderr.trim().split("\n")).toEqual([expect.stringMatching(/^Error: Give two scans/)]);
    expect(demo("only-one.nii", "--debug").stderr).toMatch(/\n\s+at /);
    expect(demo("--help").stdout).toMatch(/--calibration/);
  });

  function plain(): string {
    const path = at("plain.nii.gz");
    writeFileSync(path, "this is no gzip at all, whatever it is called".repeat(20));
    return path;
  }
});
