// The way in of a client in one dialect, from the first message to a request.
import type { Opening } from '../../protocol/opening.ts';
import type { Request } from '../../protocol/request.ts';
import type { Dialect } from '../dialect.ts';
import type { Handshake, Surroundings } from '../session.ts';
import type { Command } from '../commands/commands.ts';

/** A dialect with its way in. Written as methods, so that each may name the one opening that it is given. */
export interface WayIn extends Dialect {
  /**
   * Identifies the client and admits it: sets `session.identity`, and the dialect as the speaker. undefined when it
   * completed synchronously, as mostly: a promise would cost more than the rest. Throws or rejects with the fault.
   */
  login(handshake: Handshake, opening: Opening, surroundings: Surroundings): Promise<void> | undefined;
  /** Returns the request. Throws or rejects with the fault of an invalid one; the log record then has its command too. */
  request(handshake: Handshake, opening: Opening, surroundings: Surroundings): Promise<Request> | Request;
  /** The command that a request of request() is for; undefined: the dialect has none of that number. */
  commandOf(request: Request): Command | undefined;
}
