// Tickets without Kerberos: one token that is right, and the key that its client has.
import { enctypeOf } from '../../src/auth/kerberos/enctypes.ts';
import { ContextWrap } from '../../src/auth/kerberos/wrap.ts';
import { Fault } from '../../src/base/fault.ts';
import type { GssapiProtection } from '../../src/config/model/config.ts';
import { ticketHolders } from '../../src/daemon/host/ticketholders.ts';
import { encodeGssapi } from '../../src/protocol/gssapi.ts';
import { GSS_FLAG, type GssapiLogin, type Ticket } from '../../src/auth/kerberos/tickets.ts';

const KEY = {
  enctype: enctypeOf(17)!,
  key: Buffer.from('sixteen byte key'),
  isAcceptorSubkey: true,
  sendSequence: 7n,
  receiveSequence: 3n,
};

/** What is answered to `ticket`, the one right token; `foreign` comes with a key of RC4. */
const TICKET: Ticket = {
  principal: 'alice@REALM',
  token: Buffer.from('answer'),
  flags: GSS_FLAG.SEQUENCE,
  keyType: 17,
  key: KEY,
};

/** The method GSSAPI with these tickets. */
export function fakeTickets(
  protection: GssapiProtection = 'offer',
  ticket: Partial<Ticket> = {},
): GssapiLogin {
  return {
    tickets: {
      isUp: true,
      accept: (token) => {
        const text = Buffer.from(token).toString();
        if (text === 'ticket') return Promise.resolve({ ...TICKET, ...ticket });
        if (text === 'foreign') return Promise.resolve({ ...TICKET, keyType: 23, key: undefined });
        return Promise.reject(new Fault('TICKET_REFUSED', 'not the one'));
      },
    },
    protection,
    ...ticketHolders({ byName: new Map() }, undefined),
  };
}

/** The end of the client. */
export function clientWrap(): ContextWrap {
  const { sendSequence, receiveSequence } = KEY;
  return new ContextWrap('initiator', {
    ...KEY,
    sendSequence: receiveSequence,
    receiveSequence: sendSequence,
  });
}

/** The greeting, the right token, and `level` in clear. */
export function loginAtLevel(level: number): Buffer {
  return Buffer.concat([
    Uint8Array.of(5, 1, 1),
    encodeGssapi(1, Buffer.from('ticket')),
    encodeGssapi(2, Uint8Array.of(level)),
  ]);
}

/** What comes back for that, up to the level. */
export const LOGIN_ANSWER = Buffer.concat([Uint8Array.of(5, 1), encodeGssapi(1, Buffer.from('answer'))]);
