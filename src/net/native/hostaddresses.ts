// The addresses of this host. The kernel delivers more to itself than its interfaces list: blocks routed to it
// ("AnyIP"), interfaces without carrier, anycast, broadcast. So each address is asked of the kernel, if the addon is
// there. Addresses come and go while a daemon runs, and asking costs system calls, so an answer is kept for a moment.
import { networkInterfaces } from 'node:os';
import { ipToBytes, parseIp, unmapIp, type Ip } from '../../base/ip.ts';
import { inZone, withoutZone, zoneNameOf } from '../../base/zoned.ts';
import type { Own, Path } from '../../policy/rules/here.ts';
import type { Addon, NativeDelivery } from './addon.ts';
import { errnoName } from './errno.ts';

/** A little less than the second after which a new address must be known: a busy loop fires its timers late. */
const HOLDS_MS = 900;

/**
 * Answers kept. A client that asks for more addresses within HOLDS_MS makes the kernel be asked anew, and evicts no
 * answer.
 */
const MAX_KEPT = 4096;

export interface OpenOwn extends Own {
  /** Closes the socket by which the kernel is asked. */
  readonly close: () => void;
}

/**
 * Asks the kernel, or without the addon reads the list of interfaces. `onDoubt` is called once, at once or later,
 * with the reason why the kernel is not asked or does not answer: the list decides then. Open it before a chroot.
 */
export function openOwn(addon: Pick<Addon, 'Delivery'> | undefined, onDoubt: (why: string) => void): OpenOwn {
  const listed = listSource();
  const delivery = addon && openDelivery(addon, onDoubt);
  if (delivery === undefined) return { delivers: (ip) => listed().has(ip), listed, close: () => undefined };
  const kept = new KeptAnswers();
  let isDoubted = false;
  const ask = (ip: Ip, path: Path | undefined): boolean => {
    // A neighbour on one link may have the address that this host has on another.
    const answer = delivery.ask(ipToBytes(ip), zoneNameOf(ip) ?? path?.device, path?.mark ?? 0);
    if (answer >= 0 || isDoubted) return answer > 0;
    isDoubted = true;
    onDoubt(`the kernel does not say whether ${ip} is an address of this host: ${errnoName(-answer)}`);
    return false;
  };
  // The list also has addresses in other routing tables, such as that of a VRF.
  const find = (ip: Ip, path: Path | undefined): boolean => ask(ip, path) || listed().has(ip);
  return {
    delivers: (ip, path) => kept.get(cacheKeyOf(ip, path), () => find(ip, path)),
    listed,
    close: () => delivery.close(),
  };
}

/** Addresses of one interface, or of all; link-local ones with their zone. */
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

function cacheKeyOf(ip: Ip, path: Path | undefined): string {
  return path === undefined ? ip : `${ip} ${path.device ?? ''} ${path.mark ?? 0}`;
}

/** Answers of the last HOLDS_MS, at most MAX_KEPT. */
class KeptAnswers {
  readonly #kept = new Map<string, boolean>();

  get(key: string, find: () => boolean): boolean {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const answer = find();
    if (this.#kept.size === 0) this.#forgetSoon();
    if (this.#kept.size < MAX_KEPT) this.#kept.set(key, answer);
    return answer;
  }

  /** A timer is cheaper than reading the clock for each connection. */
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
      // A destination has no zone: its link may be any.
      addresses = new Set(interfaceAddresses().flatMap((ip) => [ip, withoutZone(ip)]));
      setTimeout(forget, HOLDS_MS).unref();
    }
    return addresses;
  };
}
