import { describe, expect, test } from "vitest";
import { type PhantomCohortOptions, type PhantomStudy, phantomCohort } from "../../src/phantom/index.js";

const options = { seed: 1, patients: 3, shape: [16, 20, 16] } as const;

async function collect(cohort: PhantomCohortOptions): Promise<PhantomStudy[]> {
  const studies: PhantomStudy[] = [];
  for await (const study of phantomCohort(cohort)) studies.push(study);
  return studies;
}

describe("phantomCohort", () => {
  test("makes as many patients as asked, each another", async () => {
    const studies = await collect(options);
    expect(studies.map(({ id }) => id)).toEqual(["phantom-1-0", "phantom-1-1", "phantom-1-2"]);
    expect(new Set(studies.map(({ patient }) => patient)).size).toBe(3);
    expect(new Set(studies.map(({ truth }) => truth.noiseSigma)).size).toBe(3);
    expect(new Set(studies.map(({ truth }) => truth.intensityWindow.post.gain)).size).toBe(3);
    expect(studies[0]!.truth.labels.data).not.toEqual(studies[1]!.truth.labels.data);
    for (const { truth } of studies) expect(truth.lesions.length).toBeGreaterThan(0);
  });

  test("a patient is the same in a cohort of any length, and in any part of it", async () => {
    const whole = await collect(options);
    const [part] = await collect({ ...options, patients: 1, skip: 2 });
    expect(part).toEqual(whole[2]);
    const [other] = await collect({ ...options, seed: 2, patients: 1 });
    expect(other!.preContrast.data).not.toEqual(whole[0]!.preContrast.data);
  });

  test("a given option holds for all", async () => {
    const studies = await collect({ ...options, patients: 2, noise: 0, lesions: [], doses: [0.5, 1] });
    for (const { truth, postContrast } of studies) {
      expect(truth.noiseSigma).toBe(0);
      expect(truth.lesions).toEqual([]);
      expect(postContrast.map(({ dose }) => dose)).toEqual([0.5, 1]);
    }
  });

  test("makes nothing before it is asked, and can be left early", async () => {
    let begun = 0;
    const cohort = phantomCohort({ ...options, patients: 1e6, onProgress: ({ done }) => (begun += done === 0 ? 1 : 0) });
    expect(begun).toBe(0);
    await cohort.next();
    await cohort.return(undefined);
    expect(begun).toBe(1);
  });

  test("draws lesions that find their place", async () => {
    const studies = await collect({ seed: 3, patients: 12, shape: [8, 8, 8] });
    expect(new Set(studies.flatMap(({ truth }) => truth.lesions.map(({ kind }) => kind))).size).toBeGreaterThan(3);
  });

  test("refuses", async () => {
    for (const [wrong, word] of [
      [{ patients: 0 }, /patients/],
      [{ patients: 1.5 }, /patients/],
      [{ skip: -1 }, /skip/],
      [{ seed: Number.NaN }, /seed/],
      [{ noise: -1 }, /noise/],
    ] as const)
      await expect(phantomCohort({ ...options, ...wrong }).next()).rejects.toThrowError(word);
    await expect(phantomCohort({ ...options, signal: AbortSignal.abort() }).next()).rejects.toMatchObject({ code: "aborted" });
  });
});
