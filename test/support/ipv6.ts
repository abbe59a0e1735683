// Tests that need IPv6 on the loopback interface, which many containers have not. There they are skipped, and their titles say why.
import { networkInterfaces } from 'node:os';

import test, { type Implementation } from 'ava';

const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

/** test() for what needs ::1. */
export function withIpv6(title: string, run: Implementation<[]>): void {
  if (HAS_IPV6) test(title, run);
  else test.skip(`${title} (no IPv6 here)`, run);
}

/** test() for one address of a list that both families are in. */
export const testAt = (host: string): ((title: string, run: Implementation<[]>) => void) =>
  host.includes(':') ? withIpv6 : test;
