// Tests that need IPv6 on the loopback interface, which many containers have not. There they are skipped, and their titles say why.
import { networkInterfaces } from 'node:os';

import test from 'ava';
import { needing, type Declare } from './needing.ts';

export const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

/** test() for what needs ::1. */
export const withIpv6 = needing('IPv6', HAS_IPV6);
/** test.serial() for what needs ::1. */
export const withIpv6InTurn = needing('IPv6', HAS_IPV6, test.serial);

/** test() for one address of a list that both families are in. */
export const testAt = (host: string): Declare => (host.includes(':') ? withIpv6 : test);
