import type { Backend } from "gadolinite/backend";

/** What a backend or one of its sessions did. */
export interface LogEntry {
  readonly backend: string;
  readonly what: "load" | "run" | "dispose";
  readonly ms: number;
  /** Message of the error that ended it. */
  readonly error?: string;
}

/** A backend that tells `log` of everything that the given one does, and changes nothing of it. */
export function withLog(backend: Backend, log: (entry: LogEntry) => void): Backend {
  const { name } = backend;
  const logged = async <T>(what: LogEntry["what"], job: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const entry = (error?: unknown): LogEntry => ({
      backend: name,
      what,
      ms: performance.now() - start,
      ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
    });
    try {
      const result = await job();
      log(entry());
      return result;
    } catch (error) {
      log(entry(error));
      throw error;
    }
  };
  return {
    name,
    async load(model, options) {
      const session = await logged("load", () => backend.load(model, options));
      return {
        ...session,
        run: (inputs, options) => logged("run", () => session.run(inputs, options)),
        dispose: () => logged("dispose", () => session.dispose()),
      };
    },
  };
}
