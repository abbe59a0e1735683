// Sources of logins beside user files: a program, saslauthd, a directory. One interface for all of them, so that order, memory,
// bounds and reports are the same.
import type { Ip } from '../../base/ip.ts';

/** A login to ask about. Neither user nor password is empty or holds a NUL. */
export interface Question {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
  readonly client: Ip;
}

export type Verdict =
  | {
      readonly kind: 'yes';
      /** The name of the user as text; undefined: as the client wrote it. */
      readonly name: string | undefined;
      /** The names of groups as text. */
      readonly groups: readonly string[];
      /** How long the answer holds; undefined: as the configuration says. */
      readonly ttlMs: number | undefined;
    }
  /** `isKnown`: the user is one of this source, so that no other one is asked. `why` is for the log. */
  | { readonly kind: 'no'; readonly isKnown: boolean; readonly why: string | undefined }
  /** The password is right, but the user may not log in. */
  | { readonly kind: 'barred'; readonly code: 'LOGIN_EXPIRED' | 'LOGIN_LOCKED'; readonly why: string }
  /** It is not known whether the password is right. `wasAsked`: the question has left this process. */
  | { readonly kind: 'unavailable'; readonly why: string; readonly wasAsked: boolean };

export interface LoginSource {
  /** For people: the word in `auth` with its argument. */
  readonly name: string;
  /** The most bytes of a name and of a password that it takes. */
  readonly maxBytes: number;
  /** Rejects with LOGIN_BUSY where too many wait, and with SHUTTING_DOWN after close(). */
  ask(question: Question): Promise<Verdict>;
  /** Tests it without a login, as far as possible; a sentence where that fails. */
  prove(): Promise<string | undefined>;
  status(): SourceStatus;
  close(): void;
}

/** As the control socket tells it (control/controlanswer.ts). */
export interface SourceStatus {
  readonly name: string;
  readonly state: 'untried' | 'up' | 'down';
  readonly seconds: number | undefined;
  readonly asked: number;
  readonly unanswered: number;
  readonly waiting: number;
  readonly detail: string | undefined;
}

/** What sources tell the log. */
export interface SourceLog {
  /** The source changed its state; `why` when it is down. */
  readonly changed: (name: string, state: 'up' | 'down', why: string | undefined) => void;
  /** A line that a program has written to its standard error. */
  readonly said: (name: string, line: string) => void;
}

/** Bounds that each source has for itself. */
export interface SourceLimits {
  /** Limit from a question to its answer, and the same for a question that waits. */
  readonly timeoutMs: number;
}
