// The addresses of this host's interfaces. They change while a daemon runs, and asking costs system calls, so an
// answer holds for a moment.
import { networkInterfaces } from 'node:os';
import { monotonicMs } from '../base/clock.ts';
import { parseIp, unmapIp, type Ip } from '../base/ip.ts';

const HOLDS_MS = 5000;

/** A function that gives the current addresses, at most five seconds old. */
export function hostAddressSource(): () => ReadonlySet<Ip> {
  let addresses: ReadonlySet<Ip> = new Set();
  let readAt = -Infinity;
  return () => {
    const now = monotonicMs();
    if (now - readAt >= HOLDS_MS) {
      addresses = new Set(interfaceAddresses());
      readAt = now;
    }
    return addresses;
  };
}

/** Addresses of one interface, or of all. */
export function interfaceAddresses(name?: string): Ip[] {
  const interfaces = networkInterfaces();
  const chosen = name === undefined ? Object.values(interfaces) : [interfaces[name]];
  return chosen.flatMap((entries) =>
    (entries ?? []).flatMap(({ address }) => {
      const ip = parseIp(address.replace(/%.*$/, ''));
      return ip === undefined ? [] : [unmapIp(ip)];
    }),
  );
}
