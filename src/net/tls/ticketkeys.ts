// The keys of TLS session tickets (RFC 5077). They survive a reload, so that clients can resume, but not a change of who may
// come: a resumed session keeps the certificate that was checked at first.
import { createHash, randomBytes } from 'node:crypto';
import type { TlsSettings } from './tlssettings.ts';

const KEY_BYTES = 48;

export class TicketKeys {
  #keys: Buffer | undefined;
  #admission: string | undefined;

  /** The keys for `settings`. */
  for({ clientCa = '', client, user }: TlsSettings): Buffer {
    const admission = createHash('sha256')
      .update(JSON.stringify([clientCa, client, user]))
      .digest('hex');
    if (this.#keys === undefined || this.#admission !== admission) this.#keys = randomBytes(KEY_BYTES);
    this.#admission = admission;
    return this.#keys;
  }
}
