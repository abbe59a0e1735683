// Authenticates a client: methods in the server's order of preference, or in the client's; only a method that the client listed
// is ever chosen (V5-5).
import { Fault } from '../../base/fault.ts';
import { METHOD, type Method } from '../../protocol/codes.ts';
import { encodeMethod, type Greeting } from '../../protocol/greeting.ts';
import { LISTENER, type Speaker } from '../dialect.ts';
import type { Logins } from '../logins.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { hex } from '../spoken.ts';
import { CHAP } from './chap.ts';
import { GSSAPI } from './gssapi.ts';
import type { LoginMethod } from './method.ts';
import { NONE } from './none.ts';
import { USERPASS } from './userpass.ts';

/**
 * THE order of methods: those that identify a user first, and of these the one that keeps the secret off the wire. GSSAPI
 * comes last, even after no login: curl offers it with a password and without one, and Debian's cannot do it
 * (docs/protocol.md).
 */
const METHODS: readonly LoginMethod[] = [CHAP, USERPASS, NONE, GSSAPI];

const UNACCEPTABLE = encodeMethod(METHOD.UNACCEPTABLE);

/** Until a method is chosen. */
const CHOOSER: Speaker = {
  refusal: (rep) => (rep === undefined ? undefined : UNACCEPTABLE),
  tellsRep: false,
  stage: LISTENER.stage,
};

/** Choice of method and sub-negotiation (RFC 1928 section 3, RFC 1929); undefined when it completed synchronously. */
export function authenticate(
  handshake: Handshake,
  greeting: Greeting,
  surroundings: Surroundings,
): Promise<void> | undefined {
  handshake.speaker = CHOOSER;
  const chosen = chooseMethod(handshake, greeting, surroundings.logins);
  if (chosen === undefined)
    throw new Fault('METHOD_UNACCEPTABLE', whyUnacceptable(handshake, greeting, surroundings.logins));
  handshake.session.method = chosen.word;
  return chosen.login(handshake, surroundings);
}

/** The answer to a greeting, without its consequences. */
export function methodFor(handshake: Handshake, greeting: Greeting, logins: Logins): Method {
  return chooseMethod(handshake, greeting, logins)?.method ?? METHOD.UNACCEPTABLE;
}

function chooseMethod(handshake: Handshake, { methods }: Greeting, logins: Logins): LoginMethod | undefined {
  if (handshake.snapshot.logins.methodOrder !== 'client') {
    // A loop: find() would take a function that is made for each client.
    for (const each of METHODS)
      if (methods.includes(each.method) && each.isOn(handshake, logins)) return each;
    return undefined;
  }
  for (const offered of methods) {
    const open = METHODS.find(({ method, isOn }) => method === offered && isOn(handshake, logins));
    if (open !== undefined && open !== GSSAPI) return open;
  }
  return methods.includes(METHOD.GSSAPI) && GSSAPI.isOn(handshake, logins) ? GSSAPI : undefined;
}

function whyUnacceptable(handshake: Handshake, { methods }: Greeting, logins: Logins): string {
  const open = METHODS.filter(({ isOn }) => isOn(handshake, logins)).map(({ method }) => method);
  return `offered ${listMethods(methods)}; open to this client: ${listMethods(open)}`;
}

/** Methods of the greeting as the log has them: `00 (no login), 80`. */
export function listMethods(methods: readonly number[]): string {
  const names = methods.slice(0, 16).map((each) => {
    const name = METHODS.find(({ method }) => method === each)?.name;
    return name === undefined ? hex(each) : `${hex(each)} (${name})`;
  });
  return names.length === 0 ? 'none' : names.join(', ');
}
