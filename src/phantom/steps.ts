import type { TaskOptions } from "../core/progress.js";
import { checkNotAborted } from "../internal/check.js";

/** Counts the steps of a long task: reports progress, heeds a cancel, and lets other work run now and then. */
export interface Steps {
  next(stage: string, count?: number): Promise<void>;
}

const STEPS_BETWEEN_PAUSES = 8;

export function createSteps({ signal, onProgress }: TaskOptions, total: number): Steps {
  let done = 0;
  return {
    async next(stage, count = 1) {
      checkNotAborted(signal);
      done += count;
      onProgress?.({ done, total, stage });
      // Only a timer lets an event that aborts come through; a resolved promise doesn't.
      if (done % STEPS_BETWEEN_PAUSES === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      checkNotAborted(signal);
    },
  };
}
