/** How far a long task has come. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** What is being done, in a word or two. */
  readonly stage: string;
}

/** Options that every asynchronous function takes. */
export interface TaskOptions {
  /** Stops the task at the next step; it then rejects with `aborted`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}
