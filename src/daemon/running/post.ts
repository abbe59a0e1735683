// The parent's part for a worker, in place of duties of its own; a daemon of one process has no post.
import type { TicketProcess } from '../../auth/kerberos/tickets.ts';
import type { Config } from '../../config/model/config.ts';
import type { Log } from '../../observe/log.ts';
import type { Fellow } from '../../net/listener.ts';
import type { ReloadReport } from '../../control/controlanswer.ts';
import type { DeskParts, Steering } from '../control/controldesk.ts';
import type { Lasting } from '../host/snapshot.ts';
import type { Logins } from '../../session/logins.ts';
import type { Confined } from '../account/confinement.ts';
import type { Covers } from '../listeners/covers.ts';
import type { Means } from '../logins/sources.ts';
import type { Measuring } from '../web/measuring.ts';
import type { OpenBook } from './bookkeeping.ts';

/** A configuration that can take the place of the present one; until then nothing has changed. */
export interface Preparation {
  readonly commit: () => { readonly report: ReloadReport };
  readonly cancel: () => void;
}

/** A daemon that is led by a parent. */
export interface Led extends Steering {
  /** The first half of a reload; a text: why not. */
  prepare(): Promise<Preparation | string>;
}

/** The parts of a worker that serves. */
export interface Served extends Omit<DeskParts, 'steering'> {
  readonly running: Led;
  readonly logins: Logins;
  readonly lasting: Lasting;
  readonly covers: Covers;
  readonly confined: Confined;
  /** Why it is this transport. */
  readonly because: string;
  /** undefined: nobody asks for metrics. */
  readonly measuring: Pick<Measuring, 'figures'> | undefined;
}

export interface Post {
  readonly fellow: Fellow;
  /** The log of this worker: its records name it, and leave to the parent what concerns the daemon. */
  readonly name: (log: Log) => Log;
  /** The book for accounts. */
  readonly openBook: OpenBook;
  /** Programs that the parent has started. */
  readonly childrenOf: NonNullable<Means['childrenOf']>;
  /** Tickets of Kerberos, which the parent has read. */
  readonly openTickets: (config: Config) => Promise<TicketProcess | undefined>;
  /** The start has succeeded. Settles when clients may be served. */
  readonly serve: (served: Served) => Promise<void>;
}
