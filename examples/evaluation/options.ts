import { parseArgs } from "node:util";
import { GadoliniteError } from "gadolinite";

export const USAGE = `npm run evaluate -- DIR… [options]   measures every classical restorer, and networks, on pairs of scans

Each DIR holds t1.nii.gz, t1ce.nii.gz and, where there is one, seg.nii.gz and brain.nii.gz.

  --labels 3,4           labels of the segmentations that enhance (default: every label but 0)
  --dose 0.1,0.33,0.9    simulated doses, with noise matched to each pair
  --seeds 3              how many times the noise is drawn
  --model FILE.onnx      a network with a model card; may be given more than once (default: contrast-small, which comes with
                         the package; none: classical restorers only)
  --out DIR              evaluation.csv, report.md, report.html (default: evaluation-out)
  --debug                show the stack of an error
  --help                 this text`;

export interface EvaluationOptions {
  readonly folders: readonly string[];
  readonly labels?: readonly number[];
  readonly doses: readonly number[];
  readonly seeds: number;
  /** Files, or `none`; what comes with the package where nothing is said. */
  readonly models?: readonly string[];
  readonly out: string;
}

/** Reads the command line. Throws `out-of-range`, saying what is wrong, for anything that it does not understand. */
export function parseOptions(args: readonly string[]): EvaluationOptions {
  const { values, positionals } = parse(args);
  if (positionals.length === 0)
    throw new GadoliniteError("out-of-range", "Give a folder with t1.nii.gz and t1ce.nii.gz, or several. See --help.");
  const [seeds] = numbers("--seeds", values.seeds);
  if (!(Number.isInteger(seeds) && seeds! >= 1))
    throw new GadoliniteError("out-of-range", `--seeds takes an integer of 1 or more, not "${values.seeds}".`);
  return {
    folders: positionals,
    ...(values.labels !== undefined && { labels: numbers("--labels", values.labels) }),
    doses: numbers("--dose", values.dose),
    seeds: seeds!,
    ...(values.model && { models: values.model }),
    out: values.out,
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        labels: text,
        dose: { ...text, default: "0.1,0.33,0.9" },
        seeds: { ...text, default: "3" },
        model: { ...text, multiple: true },
        out: { ...text, default: "evaluation-out" },
        debug: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new GadoliniteError("out-of-range", `${(error as Error).message} See --help.`, { cause: error });
  }
}

function numbers(name: string, text: string): readonly number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!values.every(Number.isFinite))
    throw new GadoliniteError("out-of-range", `${name} takes numbers separated by commas, not "${text}".`);
  return values;
}
