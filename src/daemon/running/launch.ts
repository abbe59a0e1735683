// The parameters of a daemon's start, and its parts once it runs.
import type { Config } from '../../config/model/config.ts';
import type { TlsLayer } from '../../net/tls/tlslayer.ts';
import type { Transport } from '../../net/transport.ts';
import type { Log } from '../../observe/log.ts';
import type { Refusals } from '../../observe/refusals.ts';
import type { Server } from '../../session/server/server.ts';
import type { Confined } from '../account/confinement.ts';
import type { Control } from '../control/control.ts';
import type { Headroom } from '../host/headroom.ts';
import type { Loaded } from '../host/load.ts';
import type { Lasting } from '../host/snapshot.ts';
import type { Covers } from '../listeners/covers.ts';
import type { StandingListeners } from '../listeners/doors.ts';
import type { Asked } from '../logins/asked.ts';
import type { Ready } from '../web/ready.ts';
import type { Counters } from '../report/counters.ts';
import type { Rechecking } from '../report/recheck.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Post } from './post.ts';
import type { State } from './state.ts';
import type { Supervision } from './supervision.ts';

export interface Launch {
  readonly loaded: Loaded;
  /** Reads everything again, for a reload. */
  readonly load: () => Promise<Loaded>;
  /** Tells the operator who waits for the start. */
  readonly warn: (sentence: string) => void;
  /** The start has succeeded. */
  readonly ready: () => void;
  /** Of a worker. */
  readonly post?: Post | undefined;
}

/** The fleet of a daemon. */
export interface Together {
  /** A reload has been done. */
  follow(config: Config): void;
  /** Tells what is left; settles in any case. */
  close(): Promise<void>;
}

export interface RunningParts extends Launch {
  readonly server: Server;
  readonly headroom: Headroom;
  readonly covers: Covers;
  readonly tlsLayer: TlsLayer;
  readonly transport: Transport;
  readonly log: Log;
  readonly counters: Counters;
  readonly books: Bookkeeping;
  readonly refusals: Refusals;
  readonly lasting: Lasting;
  readonly lifecycle: Lifecycle;
  readonly config: Config;
  /** Removes the pid file; a sentence where it could only be emptied. */
  readonly releasePidFile: () => string | undefined;
  readonly state: State;
  readonly rechecking: Rechecking;
  readonly control: Control;
  readonly supervision: Supervision;
  readonly standing: StandingListeners;
  readonly confined: Confined;
  readonly checks: Ready;
  readonly asked: Asked;
  /** undefined: it is in none. */
  readonly fleet: Together | undefined;
}
