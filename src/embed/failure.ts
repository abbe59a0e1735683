// Failures of a callback: it has thrown, rejected, or given an invalid answer, which refuses one client.
import { Fault, type FaultCode } from '../base/fault.ts';

/** The fault when a callback throws no more precise one. */
export type Failing = 'LOGIN_UNAVAILABLE' | 'REQUEST_DENIED';

/** Faults that a program may throw to say why. Any other says nothing to a client here. */
const MAY_SAY: Readonly<Record<Failing, readonly FaultCode[]>> = {
  LOGIN_UNAVAILABLE: ['LOGIN_FAILED', 'LOGIN_UNAVAILABLE', 'CLIENT_DENIED', 'LIMIT_REACHED'],
  REQUEST_DENIED: [
    'REQUEST_DENIED',
    'GUARD_DENIED',
    'LIMIT_REACHED',
    'RESOURCES_EXHAUSTED',
    'NAME_NOT_FOUND',
    'RESOLVER_FAILED',
    'RESOLVER_BUSY',
    'NETWORK_UNREACHABLE',
    'HOST_UNREACHABLE',
    'CONNECTION_REFUSED',
    'CONNECT_TIMEOUT',
    'CONNECT_FORBIDDEN',
    'CONNECT_FAILED',
    'FAMILY_UNSUPPORTED',
    'SOURCE_UNAVAILABLE',
    'PROXY_UNREACHABLE',
    'PROXY_DENIED',
    'PROXY_FAILED',
  ],
};

/** The fault that `thrown` by the function `name` means. Its cause is an Error that says so, with `thrown` as its own cause. */
export function callbackFault(name: string, thrown: unknown, failing: Failing): Fault {
  if (thrown instanceof Fault && MAY_SAY[failing].includes(thrown.code)) return thrown;
  return new Fault(failing, new Error(`${name}() failed: ${textOf(thrown)}`, { cause: thrown }));
}

/** The name of a system error, such as `ECONNREFUSED`; undefined when it is none. */
export function errnoOf(thrown: unknown): string | undefined {
  const code: unknown = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9_]+$/.test(code) && !code.startsWith('ERR_')
    ? code
    : undefined;
}

/** The error for an invalid answer. */
export function noAnswer(what: string, given: unknown): TypeError {
  return new TypeError(`${textOf(given)} is not ${what}`);
}

/** Text for people: a thrown value need not be an Error, nor have a text. */
export function textOf(value: unknown): string {
  try {
    const said: unknown = value instanceof Error ? value.message : value;
    if (value instanceof Error) return String(said);
    const json: unknown = typeof said === 'symbol' || said === undefined ? undefined : JSON.stringify(said);
    return String(json ?? said);
  } catch {
    return 'something without a text';
  }
}
