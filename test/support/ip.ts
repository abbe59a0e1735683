// Addresses in tests: text that must be one.
import type { Ip } from '../../src/base/ip.ts';
import { parseZonedIp } from '../../src/base/zoned.ts';

/** The address that `text` spells; throws where it spells none, so that a typing error fails the test. */
export function ip(text: string): Ip {
  const parsed = parseZonedIp(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
}
