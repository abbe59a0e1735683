// Errors of the system on connecting, as fault codes.
import { Fault, type FaultCode } from '../base/fault.ts';
import type { Ip } from '../base/ip.ts';
import { isLinkLocal, zoneNameOf } from '../base/zoned.ts';
import type { SocketMarks } from './transport.ts';

const CODE_OF_ERRNO: Readonly<Record<string, FaultCode>> = {
  ECONNREFUSED: 'CONNECTION_REFUSED',
  ETIMEDOUT: 'CONNECT_TIMEOUT',
  ENETUNREACH: 'NETWORK_UNREACHABLE',
  ENETDOWN: 'NETWORK_UNREACHABLE',
  EADDRNOTAVAIL: 'SOURCE_UNAVAILABLE',
  EHOSTUNREACH: 'HOST_UNREACHABLE',
  EHOSTDOWN: 'HOST_UNREACHABLE',
  EAFNOSUPPORT: 'FAMILY_UNSUPPORTED',
  EACCES: 'CONNECT_FORBIDDEN',
  EPERM: 'CONNECT_FORBIDDEN',
  EMFILE: 'RESOURCES_EXHAUSTED',
  ENFILE: 'RESOURCES_EXHAUSTED',
  ENOMEM: 'RESOURCES_EXHAUSTED',
  ENOBUFS: 'RESOURCES_EXHAUSTED',
};

/** The fault of a connect(2) to `to` that failed with `errno` (its name, such as `ECONNREFUSED`). */
export function dialFault(errno: string, to: Ip, cause?: unknown): Fault {
  return (errno === 'EINVAL' ? zoneFault(to) : undefined) ?? connectFault(errno, cause);
}

/**
 * The fault of a link-local address without a zone. From version 1.49 on, libuv would take the first interface,
 * whichever that is.
 */
export function zoneFault(to: Ip): Fault | undefined {
  if (!isLinkLocal(to) || zoneNameOf(to) !== undefined) return undefined;
  const why = 'a link-local address says nothing without an interface: see `interface`, and that of a route';
  return new Fault('NETWORK_UNREACHABLE', why);
}

/** The fault if a socket of Node.js would need marks: leaving by another way than configured could expose a user. */
export function marksFault({ device, mark }: SocketMarks): Fault | undefined {
  if (device === undefined && mark === undefined) return undefined;
  return new Fault('CONNECT_FORBIDDEN', 'a device or a mark needs the native engine');
}

function connectFault(errno: string, cause?: unknown): Fault {
  return new Fault(CODE_OF_ERRNO[errno] ?? 'CONNECT_FAILED', cause ?? errno);
}
