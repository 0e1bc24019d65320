import fc from "fast-check";

// A run can be repeated: FC_SEED=… npm test. Without it each run draws a new seed, and fast-check prints it with any failure.
const seed = process.env["FC_SEED"];
fc.configureGlobal({ numRuns: Number(process.env["FC_RUNS"] ?? 100), ...(seed === undefined ? {} : { seed: Number(seed) }) });
