import { parseArgs } from "node:util";
import { GadoliniteError } from "gadolinite";

export const USAGE = `npm run train -- [options]   trains a restorer on procedural scans; the same command again goes on where it was left

  --out DIR          checkpoint, log, curve and model (default: training-out)
  --steps 20000      length of the training; more can be asked for as long as the learning rate hasn't begun to fall
  --minutes N        stop after so many minutes, with a checkpoint (default: no limit)
  --features 16      channels at the finest scale
  --unshuffle 2      edge of the blocks of voxels that are channels at the finest scale; 1: none
  --detail 8         maps at full resolution behind the trunk, with the input once more; 0: none
  --scales 3         scales of the network
  --patch 40         voxels of a cubic sample along each axis
  --batch 2          samples a step
  --rate 0.001       learning rate; it falls linearly to 0 in the last 30 % of the steps
  --seed 1           seed of the weights and of the data
  --threads N        threads of the runtime (default: all cores)
  --debug            show the stack of an error
  --help             this text`;

/** What the result depends on. */
export interface TrainingSettings {
  readonly steps: number;
  readonly features: number;
  readonly unshuffle: number;
  readonly detail: number;
  readonly scales: number;
  readonly patch: number;
  readonly batch: number;
  readonly rate: number;
  readonly seed: number;
}

export interface TrainOptions {
  readonly settings: TrainingSettings;
  readonly out: string;
  readonly minutes: number;
  readonly threads?: number;
}

const NUMBERS = {
  steps: 20000,
  features: 16,
  unshuffle: 2,
  detail: 8,
  scales: 3,
  patch: 40,
  batch: 2,
  rate: 0.001,
  seed: 1,
} as const;

/** Reads the command line. Throws `out-of-range`, saying what is wrong, for anything that it does not understand. */
export function parseOptions(args: readonly string[]): TrainOptions {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const numeric = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, text]));
  const options = { ...numeric, out: text, minutes: text, threads: text, debug: flag, help: flag };
  let values: Readonly<Record<string, unknown>>;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new GadoliniteError("out-of-range", `${(error as Error).message} See --help.`, { cause: error });
  }
  const number = (name: string, otherwise: number) => {
    const value = values[name] === undefined ? otherwise : Number(values[name] || Number.NaN);
    if (!(value > 0 || ((name === "seed" || name === "detail") && value === 0)))
      throw new GadoliniteError("out-of-range", `--${name} takes a positive number, not "${values[name]}".`);
    return value;
  };
  const settings = Object.fromEntries(Object.entries(NUMBERS).map(([name, otherwise]) => [name, number(name, otherwise)]));
  return {
    settings: settings as unknown as TrainingSettings,
    out: (values["out"] as string | undefined) ?? "training-out",
    minutes: number("minutes", Infinity),
    ...(values["threads"] !== undefined && { threads: number("threads", 1) }),
  };
}
