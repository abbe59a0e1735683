// Where something was written, and what is wrong with it.

/** Where a setting was written, for messages: a file and line, a variable, or the command line. */
export interface Origin {
  /** Of the environment. */
  readonly variable?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** What is wrong (an error: nothing starts or reloads) or doubtful (a warning) in a configuration. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly origin: Origin;
  /** One sentence: what, why not, what to do. */
  readonly text: string;
}
