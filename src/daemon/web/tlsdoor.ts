// TLS before a web port that is reached over a network: who is banned, or does not speak it in time, gets no further.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import { carrierOfLeg } from '../../net/streams/legstream.ts';
import { StreamLeg } from '../../net/streams/streamleg.ts';
import { TlsLayer } from '../../net/tls/tlslayer.ts';
import type { TlsSettings } from '../../net/tls/tlssettings.ts';
import type { Leg } from '../../net/transport.ts';
import { coverInTime } from '../../session/gate/antechamber.ts';
import type { Watch } from './watch.ts';

const HANDSHAKE_MS = 10_000;

export class TlsDoor {
  readonly #layer = new TlsLayer();
  readonly #watch: Watch;

  constructor(settings: TlsSettings, watch: Watch) {
    this.#watch = watch;
    this.follow(settings);
  }

  /** New handshakes go by these. */
  follow(settings: TlsSettings): void {
    this.#layer.follow(settings);
  }

  /** `then` gets what the client says inside TLS. */
  enter(socket: Socket, then: (stream: Duplex, client: Endpoint) => void): void {
    const leg = StreamLeg.of(socket);
    if (leg === undefined) return;
    if (this.#watch.isBanned(leg.remote.ip)) this.#turnAway(leg, new Fault('CLIENT_BANNED'));
    else void this.#cover(leg).then((covered) => covered && then(carrierOfLeg(covered).stream, leg.remote));
  }

  async #cover(leg: Leg): Promise<Leg | undefined> {
    const deadline = new Deadline(HANDSHAKE_MS, 'HANDSHAKE_TIMEOUT');
    deadline.whenEnded((fault) => leg.abort(fault));
    try {
      return await coverInTime({ leg, deadline }, this.#layer);
    } catch (failure) {
      if (!(failure instanceof Fault)) throw failure;
      this.#turnAway(leg, failure);
      return undefined;
    } finally {
      deadline.clear();
    }
  }

  #turnAway(leg: Leg, fault: Fault): void {
    leg.close('reset');
    this.#watch.turnedAway(leg.remote, fault);
  }
}
