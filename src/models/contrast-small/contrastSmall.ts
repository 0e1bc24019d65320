import { GadoliniteError } from "../../core/errors.js";
import { checkNotAborted } from "../../internal/check.js";
import { createModel, type Model } from "../../model/model.js";
import type { ModelCard } from "../../model/modelCard.js";

export interface ContrastSmallOptions {
  /** Where `contrast-small.onnx` lies. Default: beside this module, in this package; to be given where a bundler leaves the file behind. */
  readonly url?: URL;
  readonly signal?: AbortSignal;
}

/**
 * The restorer that comes with this package: a conditional 3-D U-Net in units of noise, trained on made-up scans alone. The file, of a few megabytes, is
 * read when this is called. The card says what it was trained with, what it reached, and where it falls short; it is a research model, not a
 * medical device.
 *
 * @returns the model with its card, for `networkRestorer` or `restore`
 * @throws `bad-file` if the file can't be read, `bad-model` if it is another one, `aborted`
 * @example
 * const model = await contrastSmall();
 * const restorer = networkRestorer(await cpu().load(model), model.card);
 */
export async function contrastSmall({ url, signal }: ContrastSmallOptions = {}): Promise<Model & { readonly card: ModelCard }> {
  checkNotAborted(signal);
  const from = url ?? besideThis();
  const isFile = typeof from === "string" || from.protocol === "file:";
  const { bytes, card } = createModel(await (isFile ? readFile(from, signal) : download(from, signal)));
  if (!card) throw new GadoliniteError("bad-model", `${from} has no model card; it is another file.`);
  return { bytes, card };
}

/** CommonJS has no `import.meta`; the other form is one that bundlers know, so that they take the file along. */
const besideThis = (): string | URL =>
  typeof __dirname === "string" ? `${__dirname}/contrast-small.onnx` : new URL("./contrast-small.onnx", import.meta.url);

// Put together, so that bundlers for browsers don't follow it into Node.
const READER = ["../../node", "readFileBytes.js"].join("/");

async function readFile(path: string | URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const reader: typeof import("../../node/readFileBytes.js") = await import(/* webpackIgnore: true */ /* @vite-ignore */ READER);
  return reader.readFileBytes(path, signal ? { signal } : {});
}

async function download(url: URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    checkNotAborted(signal);
    throw new GadoliniteError(
      "bad-file",
      `${url} can't be loaded: ${(cause as Error).message}. If a bundler left the file behind, copy it from this package and give its url.`,
      { cause },
    );
  }
}
