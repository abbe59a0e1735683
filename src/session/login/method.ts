// What a method of login is: one file each, with its messages, its refusals and its row in the table (authenticate.ts).
import type { Method } from '../../protocol/codes.ts';
import type { Logins } from '../logins.ts';
import type { Handshake, Surroundings } from '../session.ts';

export interface LoginMethod {
  readonly method: Method;
  /** What the log calls it. */
  readonly name: string;
  /** Whether this client may take it. */
  readonly isOn: (handshake: Handshake, logins: Logins) => boolean;
  /**
   * Settles once the client has been told that it is in, with `session.identity` set; undefined: it has been told. Throws or
   * rejects with why not; `handshake.speaker` says it then.
   */
  readonly login: (handshake: Handshake, surroundings: Surroundings) => Promise<void> | undefined;
}
