// Origins of settings, and problems with them.

/** The origin of a setting, for messages: a file and line, a variable, or the command line. */
export interface Origin {
  /** A variable of the environment. */
  readonly variable?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** A problem of a configuration: an error, with which nothing starts or reloads, or a warning. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly origin: Origin;
  /** One sentence: what, why not, what to do. */
  readonly text: string;
}
