// Login by a ticket of Kerberos (RFC 1961): the client's token and the answer to it, the level of protection, and messages that are
// protected from then on. A level octet that is not wrapped, which NEC's server and curl's --socks5-gssapi-nec have, is told by its length.
import { ContextWrap } from '../../auth/kerberos/wrap.ts';
import { Fault } from '../../base/fault.ts';
import { CROWDED, READ_AHEAD } from '../../net/readahead.ts';
import { admitIdentity } from '../../policy/rules/rules.ts';
import { GSSAPI_LEVEL, GSSAPI_MESSAGE, METHOD, type GssapiMessage } from '../../protocol/codes.ts';
import { encodeGssapi, encodeGssapiAbort, TokenAssembly } from '../../protocol/gssapi.ts';
import { encodeMethod } from '../../protocol/greeting.ts';
import { answering, type Speaker } from '../dialect.ts';
import { mustAllow } from '../refuse.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { faultOfLogin, STAGE_OF_LOGIN } from '../spoken.ts';
import type { GssapiLogin, Ticket } from '../../auth/kerberos/tickets.ts';
import { askedLevel, chooseLevel, type Level } from './gsslevel.ts';
import type { LoginMethod } from './method.ts';
import { protectedLeg } from './protectedleg.ts';

export const GSSAPI: LoginMethod = {
  method: METHOD.GSSAPI,
  name: 'GSSAPI',
  word: 'gssapi',
  isOn: ({ snapshot }) => snapshot.gssapi?.tickets.isUp === true,
  login: loginWithTicket,
};

const CHOSEN = encodeMethod(METHOD.GSSAPI);
const ABORT = encodeGssapiAbort();

const WAITING: Speaker = {
  refusal: answering(() => ABORT),
  tellsRep: false,
  stage: () => STAGE_OF_LOGIN,
};

/** The client has given its ticket: it hears the abort whatever goes wrong from here on. */
const CHECKING: Speaker = {
  refusal: () => ABORT,
  tellsRep: false,
  stage: () => 'while its ticket was being checked',
};

/** Sets `session.identity` and covers the leg where messages are protected; settles once the client has been told. */
async function loginWithTicket(handshake: Handshake, surroundings: Surroundings): Promise<void> {
  const { gssapi } = handshake.snapshot;
  if (gssapi === undefined) throw new Fault('METHOD_UNACCEPTABLE');
  const { logins } = surroundings;
  handshake.leg.write(CHOSEN);
  handshake.speaker = WAITING;
  const ticket = await readToken(handshake, GSSAPI_MESSAGE.TOKEN, async (token) => {
    handshake.speaker = CHECKING;
    const admission = admitTicket(handshake, token, gssapi, surroundings);
    await logins.inDueTime(handshake, () => admission.then(() => undefined));
    return admission;
  });
  handshake.leg.write(encodeGssapi(GSSAPI_MESSAGE.TOKEN, ticket.token));
  handshake.speaker = WAITING;
  await readToken(handshake, GSSAPI_MESSAGE.LEVEL, (octet) => agree(handshake, octet, gssapi, ticket));
  logins.succeeded(handshake, gssapi.nameOf(ticket.principal));
}

/** Sets `session.identity`. Rejects with the fault of the login, once it is counted and the client told. */
async function admitTicket(
  handshake: Handshake,
  token: Uint8Array,
  { tickets, nameOf, holderOf }: GssapiLogin,
  { logins, report }: Surroundings,
): Promise<Ticket> {
  const { session, snapshot, deadline } = handshake;
  const client = session.client.ip;
  // Refuses a client that was banned since it came. Locks protect names that are guessed at, and a ticket cannot be guessed.
  logins.isLocked(handshake, '');
  const accepted = tickets.accept(token, client);
  // Counted even when the client does not wait for the answer.
  void accepted.catch((fault: unknown) => {
    if (fault instanceof Fault) logins.failed(handshake, undefined, fault, report);
  });
  const ticket = await deadline.within(accepted);
  const name = nameOf(ticket.principal);
  const holder = holderOf(name);
  if (holder instanceof Fault) {
    logins.failed(handshake, name, holder, report);
    throw holder;
  }
  session.identity = holder;
  mustAllow(admitIdentity(snapshot.policy, holder, client));
  return ticket;
}

/** Answers the level that the client asks for, in the form in which it asks. */
function agree(
  handshake: Handshake,
  octet: Uint8Array,
  { protection }: GssapiLogin,
  ticket: Ticket,
): Promise<void> {
  const wrap = ticket.key && new ContextWrap('acceptor', ticket.key);
  const isPlain = octet.length === 1;
  const asked = askedLevel((isPlain ? octet : unwrapped(octet, wrap, ticket))[0] ?? -1);
  if (asked === undefined) throw new Fault('MESSAGE_MALFORMED', 'no level of protection that GSSAPI has');
  const level = chooseLevel(asked, protection, ticket);
  if (level === undefined)
    throw new Fault('TICKET_REFUSED', `${foreignKey(ticket)}; gssapi-protection asks for more`);
  const answer = Uint8Array.of(level);
  const token = isPlain || wrap === undefined ? answer : wrap.wrap('clear', answer);
  handshake.leg.write(encodeGssapi(GSSAPI_MESSAGE.LEVEL, token));
  if (wrap !== undefined) protect(handshake, level, wrap);
  return Promise.resolve();
}

function unwrapped(token: Uint8Array, wrap: ContextWrap | undefined, ticket: Ticket): Uint8Array {
  if (wrap === undefined) throw new Fault('TICKET_REFUSED', foreignKey(ticket));
  const opened = wrap.unwrap(token);
  if (opened.kind === 'message' && opened.text.length === 1) return opened.text;
  const why = opened.kind === 'wrong' ? opened.why : 'it has not one byte';
  throw new Fault('MESSAGE_MALFORMED', `the level of protection: ${why}`);
}

function foreignKey({ keyType }: Ticket): string {
  return `its key is of type ${keyType}, and only AES (17 to 20) protects messages here`;
}

function protect(handshake: Handshake, level: Level, wrap: ContextWrap): void {
  if (level === GSSAPI_LEVEL.NONE) return;
  handshake.cover(protectedLeg(handshake.leg, wrap, level === GSSAPI_LEVEL.INTEGRITY ? 'clear' : 'sealed'));
  handshake.session.isProtected = true;
}

/**
 * Reads a message of `type` and passes its token to `use`. While it is incomplete or in use it counts in the room of bytes
 * that clients send ahead: a token is much longer than any other message before a login.
 */
async function readToken<T>(
  handshake: Handshake,
  type: GssapiMessage,
  use: (token: Uint8Array) => Promise<T>,
): Promise<T> {
  const { leg } = handshake;
  const assembly = new TokenAssembly(type);
  let release: (() => void) | undefined;
  try {
    for (;;) {
      const arrival = await leg.read();
      if (arrival === undefined) throw leaving(type, assembly);
      const assembled = assembly.take(arrival);
      if (assembled.kind === 'bad') throw faultOfLogin(assembled.code, arrival, assembled.why);
      if (assembled.kind === 'more') {
        release ??= assembled.tokenBytes === undefined ? undefined : claim(handshake, assembled.tokenBytes);
        continue;
      }
      leg.unread(assembled.rest);
      return await use(assembled.token);
    }
  } finally {
    release?.();
  }
}

/** Claims a place for `bytes`; returns its release. Throws RESOURCES_EXHAUSTED where there is no room. */
function claim({ leg }: Handshake, bytes: number): () => void {
  let hasPlace = true;
  const place = READ_AHEAD.take(leg.remote.ip, bytes, (fault) => {
    hasPlace = false;
    leg.abort(fault);
  });
  if (place === undefined) throw new Fault('RESOURCES_EXHAUSTED', CROWDED);
  return () => {
    if (hasPlace) READ_AHEAD.release(place);
    hasPlace = false;
  };
}

/** Debian's curl offers GSSAPI with every login, and cannot do it. */
function leaving(type: GssapiMessage, { isBegun }: TokenAssembly): Fault {
  const isAtOnce = type === GSSAPI_MESSAGE.TOKEN && !isBegun;
  return isAtOnce ? new Fault('CLIENT_CLOSED', LEFT_AT_ONCE) : faultOfLogin(undefined, new Uint8Array(0));
}

const LEFT_AT_ONCE =
  'it offers GSSAPI and left when that was chosen: a client without a ticket, or curl from 7.69 to 8.16, which needs --socks5-basic';
