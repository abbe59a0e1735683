// The addresses of this host's interfaces. They change while a daemon runs, and asking costs system calls, so an
// answer holds for a moment.
import { networkInterfaces } from 'node:os';
import { parseIp, unmapIp, type Ip } from '../base/ip.ts';

const HOLDS_MS = 5000;

/** A function that gives the current addresses, about five seconds old at most. */
export function hostAddressSource(): () => ReadonlySet<Ip> {
  let addresses: ReadonlySet<Ip> | undefined;
  // A timer, and not a look at the clock for each connection.
  const forget = (): void => {
    addresses = undefined;
  };
  return () => {
    if (addresses === undefined) {
      addresses = new Set(interfaceAddresses());
      setTimeout(forget, HOLDS_MS).unref();
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
