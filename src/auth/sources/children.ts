// Processes that answer questions, seen from who asks: started by number, fed and heard. programs.ts decides when; the starter of a
// daemon, or children of this process itself, do it.

export interface ChildEvents {
  readonly output: (bytes: Uint8Array) => void;
  readonly errors: (bytes: Uint8Array) => void;
  /** It has ended, or could not start; `why` goes on after "the program". No event follows. */
  readonly ended: (why: string) => void;
}

export interface Child {
  readonly write: (bytes: Uint8Array) => void;
  /** Ends it at once; `ended` follows. */
  readonly kill: () => void;
}

export interface Children {
  readonly start: (events: ChildEvents) => Child;
  readonly close: () => void;
}
