import { parseArgs } from "node:util";
import { GadoliniteError } from "gadolinite";

export const USAGE = `npm run demo                                   on a phantom that the library makes itself
npm run demo -- T1.nii.gz T1CE.nii.gz [options]   on a pair of scans, before and after contrast agent: files,
                                               or folders of DICOM

  --seg FILE            segmentation of the lesions, on either scan's grid
  --labels 3,4          its labels that enhance (default: every label but 0)
  --brain FILE          brain mask, on either scan's grid
  --register            lay T1CE, and masks on its grid, on T1 first (rigid; needs @itk-wasm/elastix)
  --atlas FILE          take the brain from an atlas, laid on T1, instead of --brain
  --atlas-mask FILE     the atlas' brain
  --case NAME           name of the case (default: the folder of T1)
  --dose 0.1,0.33       doses to simulate, as fractions of the standard dose (default: 0, 0.1 … 0.9)
  --noise matched|none  noise of the simulated scans (default: matched)
  --calibration radiometric|histogram-peaks   (default: radiometric)
  --model FILE.onnx     restore with this network, too; may be given more than once (default: contrast-small, which
                        comes with the package; none: classical restorers only)
  --seed 1              seed of the noise, and of the phantom (default: 1)
  --out DIR             where the results go (default: demo-out)
  --debug               show the stack of an error
  --help                this text`;

export interface DemoOptions {
  readonly scans?: readonly [pre: string, post: string];
  readonly seg?: string;
  readonly labels?: readonly number[];
  readonly brain?: string;
  readonly register?: boolean;
  readonly atlas?: readonly [scan: string, brain: string];
  readonly case?: string;
  readonly doses?: readonly number[];
  readonly noise: "matched" | "none";
  readonly calibration: "radiometric" | "histogram-peaks";
  /** Files, or `none`; what comes with the package where nothing is said. */
  readonly models?: readonly string[];
  readonly seed: number;
  readonly out: string;
}

/** Reads the command line. Throws `out-of-range`, saying what is wrong, for anything that it does not understand. */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values, positionals } = parse(args);
  if (positionals.length !== 0 && positionals.length !== 2)
    throw new GadoliniteError(
      "out-of-range",
      `Give two scans, T1 and T1CE, or none for the phantom; ${positionals.length} came. See --help.`,
    );
  const needScans = [values.seg, values.brain, values.labels, values.register, values.atlas].some(Boolean);
  if (positionals.length === 0 && needScans)
    throw new GadoliniteError(
      "out-of-range",
      "--seg, --labels, --brain, --register and --atlas need the two scans that they belong to. See --help.",
    );
  const { atlas, "atlas-mask": atlasMask } = values;
  if (!atlas !== !atlasMask || (atlas && values.brain))
    throw new GadoliniteError("out-of-range", "--atlas and --atlas-mask go together, and stand in for --brain. See --help.");
  if (values.labels && !values.seg)
    throw new GadoliniteError("out-of-range", "--labels needs the segmentation that they are in: --seg FILE.");
  const [seed] = numbers("--seed", values.seed);
  return {
    ...(positionals.length === 2 && { scans: [positionals[0]!, positionals[1]!] as const }),
    ...(values.seg && { seg: values.seg }),
    ...(values.labels && { labels: numbers("--labels", values.labels) }),
    ...(values.brain && { brain: values.brain }),
    ...(values.register && { register: true }),
    ...(atlas && atlasMask && { atlas: [atlas, atlasMask] as const }),
    ...(values.case && { case: values.case }),
    ...(values.dose && { doses: numbers("--dose", values.dose) }),
    noise: oneOf("--noise", values.noise, ["matched", "none"]),
    calibration: oneOf("--calibration", values.calibration, ["radiometric", "histogram-peaks"]),
    ...(values.model && { models: values.model }),
    seed: seed!,
    out: values.out,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seg: { type: "string" },
        labels: { type: "string" },
        brain: { type: "string" },
        register: { type: "boolean" },
        atlas: { type: "string" },
        "atlas-mask": { type: "string" },
        case: { type: "string" },
        dose: { type: "string" },
        noise: { type: "string", default: "matched" },
        calibration: { type: "string", default: "radiometric" },
        model: { type: "string", multiple: true },
        seed: { type: "string", default: "1" },
        out: { type: "string", default: "demo-out" },
        debug: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new GadoliniteError("out-of-range", `${(error as Error).message} See --help.`, { cause: error });
  }
}

function numbers(name: string, text: string): readonly number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!values.every(Number.isFinite))
    throw new GadoliniteError("out-of-range", `${name} takes numbers separated by commas, such as 0.1,0.33, not "${text}".`);
  return values;
}

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((c) => c === value);
  if (choice === undefined) throw new GadoliniteError("out-of-range", `${name} is one of ${choices.join(", ")}, not "${value}".`);
  return choice;
}
