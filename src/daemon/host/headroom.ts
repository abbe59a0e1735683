// How many sessions this process has room for while it runs. A reload may change whether they come by TLS, which takes more memory of each.
import type { Config } from '../../config/model/config.ts';
import type { Transport } from '../../net/transport.ts';
import type { Capacity } from '../../session/server/room.ts';
import { heapWarning, sessionCapacity, type Rooms } from './capacity.ts';

export interface Estimate {
  readonly capacity: Capacity;
  /** A heap that is too small for the configuration. */
  readonly warning: string | undefined;
}

export class Headroom {
  readonly #rooms: Omit<Rooms, 'transport' | 'byTls'>;
  readonly #transport: Transport['name'];
  #isTls = false;
  /** Sessions that may have come by TLS, now that no others do. */
  #byTls = 0;

  constructor(rooms: Omit<Rooms, 'transport' | 'byTls'>, transport: Transport['name']) {
    this.#rooms = rooms;
    this.#transport = transport;
  }

  /** From now on `config` holds, while so many sessions `live`. */
  follow({ listen, maxSessions }: Pick<Config, 'listen' | 'maxSessions'>, live: number): Estimate {
    this.#byTls = this.#isTls ? live : Math.min(this.#byTls, live);
    this.#isTls = listen.some(({ tls }) => tls === true);
    const rooms: Rooms = this.#isTls
      ? { ...this.#rooms, transport: 'tls' }
      : { ...this.#rooms, transport: this.#transport, byTls: this.#byTls };
    return { capacity: sessionCapacity(rooms), warning: heapWarning(rooms, maxSessions) };
  }
}
