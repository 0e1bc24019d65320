import { GadoliniteError } from "gadolinite";
import type { Backend, Session, Tensors } from "gadolinite/backend";

export interface WithCacheOptions {
  /** Most results that each session keeps, with their inputs; the one not used for longest goes first. */
  readonly results: number;
}

/** A backend whose sessions keep their last results, and give the same input the same output without computing it again. */
export function withCache(backend: Backend, { results }: WithCacheOptions): Backend {
  return {
    name: `${backend.name}, cached`,
    async load(model, options) {
      return cached(await backend.load(model, options), results);
    },
  };
}

interface Kept {
  readonly inputs: Tensors;
  readonly outputs: Promise<Tensors>;
}

function cached(session: Session, most: number): Session {
  let kept: readonly Kept[] = [];
  let disposed = false;
  return {
    ...session,
    async run(inputs, options = {}) {
      // For a caller who has cancelled, and after the end, the session itself has the right error.
      if (disposed || options.signal?.aborted) return session.run(inputs, options);
      // Nothing is awaited until the session has been asked: a later dispose() must find the run begun.
      let hit = kept.find((one) => equal(one.inputs, inputs));
      // Without the caller's signal: another caller may be waiting for the same result.
      hit ??= { inputs: copied(inputs), outputs: session.run(inputs) };
      const { outputs } = hit;
      kept = [hit, ...kept.filter((one) => one !== hit)].slice(0, most);
      const result = await outputs.catch((error: unknown) => {
        kept = kept.filter((one) => one !== hit);
        throw error;
      });
      if (options.signal?.aborted)
        throw new GadoliniteError("aborted", "Cancelled by the caller.", { cause: options.signal.reason });
      // A result belongs to the caller, who may change it.
      return copied(result);
    },
    dispose() {
      disposed = true;
      kept = [];
      return session.dispose();
    },
  };
}

function equal(a: Tensors, b: Tensors): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [x, y] = [a[name]!, b[name]];
      return (
        y && x.dims.join() === y.dims.join() && x.data.length === y.data.length && x.data.every((v, i) => Object.is(v, y.data[i]))
      );
    })
  );
}

const copied = (tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dims, data }]) => [name, { dims: [...dims], data: Float32Array.from(data) }]),
  );
