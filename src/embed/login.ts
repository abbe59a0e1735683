// Logins that the program decides: those of clients here, and ours at proxies.
import { displayText } from '../base/bytes.ts';
import { Deadline } from '../base/deadline.ts';
import { Fault } from '../base/fault.ts';
import type { Credentials } from '../net/proxies/talk.ts';
import type { Identity } from '../policy/identity.ts';
import type { CheckLogin } from '../session/session.ts';
import type { Authenticate, GiveProxyLogin, Proxy } from './callbacks.ts';
import { isPromise, type Calls } from './calls.ts';
import { callbackFault, noAnswer } from './failure.ts';

/** Rejects with LOGIN_FAILED where the program says no, LOGIN_UNAVAILABLE where it fails, LOGIN_BUSY where too many wait. */
export function loginBy(authenticate: Authenticate, calls: Calls): CheckLogin {
  return async (user, password, client, deadline = new Deadline(0, 'HANDSHAKE_TIMEOUT')) => {
    const name = displayText(user);
    await calls.run({
      name: 'authenticate',
      client,
      deadline,
      start: (asked) => authenticate(name, displayText(password), client, asked),
      read: mustBeTrue,
      failing: 'LOGIN_UNAVAILABLE',
      crowded: 'LOGIN_BUSY',
    });
    return { kind: 'user', name, group: undefined } satisfies Identity;
  };
}

function mustBeTrue(answer: unknown): void {
  if (answer === false) throw new Fault('LOGIN_FAILED');
  if (answer !== true) throw noAnswer('true or false', answer);
}

/** Throws REQUEST_DENIED where the program fails, or gives what no proxy can be sent. */
export function credentialsBy(give: GiveProxyLogin): (hop: Proxy) => Credentials | undefined {
  return ({ host, port }) => {
    try {
      const login: unknown = give({ host, port });
      if (isPromise(login)) throw unawaited(login);
      return login === undefined ? undefined : credentialsGiven(login);
    } catch (thrown) {
      throw callbackFault('proxyLogin', thrown, 'REQUEST_DENIED');
    }
  };
}

/** Its result would be ignored. */
function unawaited(login: PromiseLike<unknown>): TypeError {
  void Promise.resolve(login).catch(() => undefined);
  return new TypeError('a promise is no login: nobody waits here');
}

/** Throws TypeError where it is none. A secret is in no message. */
export function credentialsGiven(login: unknown): Credentials {
  const { user, password } = (login ?? {}) as { readonly user?: unknown; readonly password?: unknown };
  if (typeof user !== 'string' || typeof password !== 'string')
    throw new TypeError('a login has a `user` and a `password`, both texts');
  const bytes = { user: Buffer.from(user), password: Buffer.from(password) };
  // SOCKS4 has no password, and HTTP may have an empty one.
  if (bytes.user.length < 1 || bytes.user.length > 255 || bytes.password.length > 255)
    throw new TypeError('a login has a user of 1 to 255 bytes and a password of 255 at most');
  return { ...bytes, method: 'password' };
}
