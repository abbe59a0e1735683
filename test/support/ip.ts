// Addresses in tests: text that must be one.
import { parseIp, type Ip } from '../../src/base/ip.ts';

/** The address that `text` spells; throws where it spells none, so that a typing error fails the test. */
export function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
}
