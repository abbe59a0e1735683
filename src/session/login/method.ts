// A login method: one file each, with its messages, its refusals and its row in the table (authenticate.ts).
import type { Method } from '../../protocol/codes.ts';
import type { LoginWord } from '../events.ts';
import type { Logins } from '../logins.ts';
import type { Handshake, Surroundings } from '../session.ts';

export interface LoginMethod {
  readonly method: Method;
  /** Its name in the log. */
  readonly name: string;
  readonly word: LoginWord;
  /** Whether this client may take it. */
  readonly isOn: (handshake: Handshake, logins: Logins) => boolean;
  /**
   * Settles once the client has been told that it is in, with `session.identity` set; undefined when it has been told
   * synchronously. Throws or rejects with the fault, which `handshake.speaker` answers.
   */
  readonly login: (handshake: Handshake, surroundings: Surroundings) => Promise<void> | undefined;
}
