// The addresses of this host. What the kernel delivers to itself is more than its interfaces list: blocks that are routed to
// it ("AnyIP"), interfaces without carrier, anycast, broadcast. So it is asked about each address, where the addon can.
// Addresses come and go while a daemon runs, and asking costs system calls, so an answer holds for a moment.
import { networkInterfaces } from 'node:os';
import { ipToBytes, parseIp, unmapIp, type Ip } from '../../base/ip.ts';
import { inZone, withoutZone, zoneNameOf } from '../../base/zoned.ts';
import type { Own, Path } from '../../policy/rules/here.ts';
import type { Addon, NativeDelivery } from './addon.ts';
import { errnoName } from './errno.ts';

/** A little less than a second, by which a new address is known: a busy loop fires its timers late. */
const HOLDS_MS = 900;

/** Answers kept. Who asks for more addresses in HOLDS_MS has the kernel asked anew, and drives none of these out. */
const MAX_KEPT = 4096;

export interface OpenOwn extends Own {
  /** Gives the socket back by which the kernel is asked. */
  readonly close: () => void;
}

/**
 * What the kernel says, and where there is no addon what the interfaces list. `onDoubt` hears once, at once or later,
 * why the kernel is not asked, or does not answer: the list decides then. Open it before a chroot.
 */
export function openOwn(addon: Pick<Addon, 'Delivery'> | undefined, onDoubt: (why: string) => void): OpenOwn {
  const listed = listSource();
  const delivery = addon && openDelivery(addon, onDoubt);
  if (delivery === undefined) return { delivers: (ip) => listed().has(ip), listed, close: () => undefined };
  const kept = new Answers();
  let isDoubted = false;
  const ask = (ip: Ip, path: Path | undefined): boolean => {
    // The neighbour on one link may have the address that this host has on another.
    const answer = delivery.ask(ipToBytes(ip), zoneNameOf(ip) ?? path?.device, path?.mark ?? 0);
    if (answer >= 0 || isDoubted) return answer > 0;
    isDoubted = true;
    onDoubt(`the kernel does not say whether ${ip} is an address of this host: ${errnoName(-answer)}`);
    return false;
  };
  // The list has what is in another table of routes, that of a VRF.
  const find = (ip: Ip, path: Path | undefined): boolean => ask(ip, path) || listed().has(ip);
  return {
    delivers: (ip, path) => kept.get(keyOf(ip, path), () => find(ip, path)),
    listed,
    close: () => delivery.close(),
  };
}

/** Addresses of one interface, or of all, link-local ones with their zone. */
export function interfaceAddresses(name?: string): Ip[] {
  const interfaces = Object.entries(networkInterfaces());
  const chosen = name === undefined ? interfaces : interfaces.filter(([each]) => each === name);
  return chosen.flatMap(([zone, entries]) =>
    (entries ?? []).flatMap(({ address }) => {
      const ip = parseIp(address.replace(/%.*$/, ''));
      return ip === undefined ? [] : [inZone(unmapIp(ip), zone)];
    }),
  );
}

function openDelivery(
  addon: Pick<Addon, 'Delivery'>,
  onDoubt: (why: string) => void,
): NativeDelivery | undefined {
  try {
    return new addon.Delivery();
  } catch (error) {
    onDoubt(`the kernel cannot be asked which addresses are of this host: ${(error as Error).message}`);
    return undefined;
  }
}

function keyOf(ip: Ip, path: Path | undefined): string {
  return path === undefined ? ip : `${ip} ${path.device ?? ''} ${path.mark ?? 0}`;
}

/** Answers of the last HOLDS_MS, at most MAX_KEPT. */
class Answers {
  readonly #kept = new Map<string, boolean>();

  get(key: string, find: () => boolean): boolean {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const answer = find();
    if (this.#kept.size === 0) this.#forgetSoon();
    if (this.#kept.size < MAX_KEPT) this.#kept.set(key, answer);
    return answer;
  }

  /** A timer, and not a look at the clock for each connection. */
  #forgetSoon(): void {
    setTimeout(() => this.#kept.clear(), HOLDS_MS).unref();
  }
}

function listSource(): () => ReadonlySet<Ip> {
  let addresses: ReadonlySet<Ip> | undefined;
  const forget = (): void => {
    addresses = undefined;
  };
  return () => {
    if (addresses === undefined) {
      // A destination has no zone: it may be that of any link.
      addresses = new Set(interfaceAddresses().flatMap((ip) => [ip, withoutZone(ip)]));
      setTimeout(forget, HOLDS_MS).unref();
    }
    return addresses;
  };
}
