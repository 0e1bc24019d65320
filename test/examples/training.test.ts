import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseOptions as evaluationOptions } from "../../examples/evaluation/options.js";
import { runEvaluation } from "../../examples/evaluation/runEvaluation.js";
import { parseOptions } from "../../examples/training/options.js";
import { runTraining } from "../../examples/training/runTraining.js";
import { createVolume } from "../../src/index.js";
import { saveVolume } from "../../src/node/saveVolume.js";
import { absent } from "../backend/runtime.js";
import { smallStudy } from "../recipes/pair.js";

const folder = mkdtempSync(join(tmpdir(), "gadolinite-training-"));
const pair = join(folder, "case-1");
const TINY = "--features 2 --scales 2 --patch 12 --batch 1 --steps 6 --seed 3".split(" ");

beforeAll(async () => {
  const study = smallStudy(1);
  mkdirSync(pair);
  await saveVolume(join(pair, "t1.nii.gz"), study.preContrast);
  await saveVolume(join(pair, "t1ce.nii.gz"), study.postContrast[0]!.volume);
  await saveVolume(join(pair, "seg.nii.gz"), createVolume(study.lesions!.data, study.lesions!.grid));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const train = async (out: string, signal = new AbortController().signal, ...more: string[]) => {
  const said: string[] = [];
  await runTraining(parseOptions([...TINY, "--out", out, ...more]), { signal, say: (line) => said.push(line) });
  return said.join("\n");
};

describe.skipIf(absent)("npm run train", () => {
  const out = join(folder, "whole");

  test("writes model, checkpoint, log and settings", async () => {
    expect(await train(out)).toMatch(/from the beginning[\s\S]*step 6 of 6[\s\S]*Done/);
    expect(readdirSync(out).sort()).toEqual([
      "checkpoint.safetensors",
      "log.csv",
      "model.onnx",
      "plateau.safetensors",
      "settings.json",
    ]);
    expect(readFileSync(join(out, "log.csv"), "utf8").split("\r\n")[1]).toMatch(/^6,\d+\.\d+,\d+\.\d+,/);
  });

  test("a training that was stopped goes on to the same weights, bit for bit", async () => {
    const parts = join(folder, "parts");
    const stopped = AbortSignal.abort();
    expect(await train(parts, stopped)).toMatch(/Stopped after step 1/);
    expect(await train(parts, stopped)).toMatch(/going on after step 1[\s\S]*Stopped after step 2/);
    expect(await train(parts)).toMatch(/going on after step 2[\s\S]*Done/);
    expect(readFileSync(join(parts, "checkpoint.safetensors"))).toEqual(readFileSync(join(out, "checkpoint.safetensors")));
    expect(readFileSync(join(parts, "model.onnx"))).toEqual(readFileSync(join(out, "model.onnx")));
  });

  test("a training can be made longer until the learning rate has begun to fall", async () => {
    const longer = join(folder, "longer");
    await train(longer, AbortSignal.abort());
    expect(await train(longer, undefined, "--steps", "7")).toMatch(/going on after step 1[\s\S]*step 7 of 7/);
    await expect(train(longer, undefined, "--steps", "9")).rejects.toThrowError(/a training with other settings/);
  });

  test("refuses a folder with other settings, and what it does not understand", async () => {
    await expect(train(out, undefined, "--rate", "0.1")).rejects.toThrowError(/a training with other settings/);
    expect(() => parseOptions(["--steps", "0"])).toThrowError(/--steps takes a positive number, not "0"/);
    expect(() => parseOptions(["--speed", "1"])).toThrowError(/See --help/);
  });
});

describe.skipIf(absent)("npm run evaluate", () => {
  const run = (...args: string[]) =>
    runEvaluation(evaluationOptions([pair, ...args]), { signal: new AbortController().signal, say: () => {} });

  test("measures the classical restorers and a trained network", async () => {
    const out = join(folder, "evaluation");
    const markdown = await run("--dose", "0.33", "--seeds", "2", "--model", join(folder, "whole", "model.onnx"), "--out", out);
    const restorers = ["none", "linear", "masked", "smoothed-0.5", "smoothed", "smoothed-1.5", "denoised", "contrast"];
    for (const name of restorers) expect(markdown).toContain(`| ${name} `);
    expect(readdirSync(out).sort()).toEqual(["evaluation.csv", "provenance.json", "report.html", "report.md"]);
    const [header, ...lines] = readFileSync(join(out, "evaluation.csv"), "utf8").trim().split("\r\n");
    expect(header).toBe(
      "case,dose,noise,seed,restorer,region,psnr,ssim,mae,maeCe,relativeMean,relativeMax,cnr,lbr,cep,falseShare,falseLargest,seconds",
    );
    // Two draws, eight restorers and the synthesis beyond the standard dose, four regions.
    expect(lines).toHaveLength(2 * 9 * 4);
    const psnr = (restorer: string) =>
      Number(lines.find((line) => line.startsWith(`case-1,0.33,matched,1,${restorer},lesion`))!.split(",")[6]);
    expect(psnr("denoised")).toBeGreaterThan(psnr("linear"));
  });

  test("refuses", async () => {
    expect(() => evaluationOptions([])).toThrowError(/Give a folder/);
    expect(() => evaluationOptions([pair, "--seeds", "0"])).toThrowError(/--seeds takes an integer/);
    expect(() => evaluationOptions([pair, "--dose", "a"])).toThrowError(/--dose takes numbers/);
    await expect(run("--model", join(folder, "none.onnx"))).rejects.toThrowError(/can't be read/);
  });
});
