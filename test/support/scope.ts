// What ends the things that a test has started: the test itself, or what lasts longer than one.

/** Anything that runs `end` when it is over; a test of ava is one. */
export interface Scope {
  readonly teardown: (end: () => void | Promise<void>) => void;
}

export interface OpenScope extends Scope {
  /** Ends what was started, the newest first. */
  readonly close: () => Promise<void>;
}

export function openScope(): OpenScope {
  const ends: (() => void | Promise<void>)[] = [];
  return {
    teardown: (end) => void ends.push(end),
    close: async () => {
      for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
    },
  };
}
