// Tests that need IPv6 on the loopback interface, which many containers have not. There they are skipped, and their titles say why.
import { networkInterfaces } from 'node:os';

import test, { type Implementation } from 'ava';

export const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

type Declare = (title: string, run: Implementation<[]>) => void;

/** test() for what needs ::1. */
export const withIpv6 = forIpv6(test);
/** test.serial() for what needs ::1. */
export const withIpv6InTurn = forIpv6(test.serial);

/** test() for one address of a list that both families are in. */
export const testAt = (host: string): Declare => (host.includes(':') ? withIpv6 : test);

function forIpv6(declare: Declare): Declare {
  return HAS_IPV6 ? declare : (title, run) => test.skip(`${title} (no IPv6 here)`, run);
}
