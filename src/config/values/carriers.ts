// Prefixes of this network under which IPv6 addresses carry IPv4 ones: --nat64-prefix, --6rd-prefix.
import { formatCidr, parseCidr } from '../../base/ip.ts';
import type { Nat64Prefix, SixRdPrefix } from '../model/config.ts';
import type { Kind } from './kinds.ts';
import { quote, value, wrong } from './parsed.ts';

/** RFC 6052 section 2.2. */
const NAT64_BITS: readonly number[] = [32, 40, 48, 56, 64, 96];

export const NAT64_PREFIX: Kind<Nat64Prefix> = {
  metavar: 'auto|none|PREFIX/BITS',
  parse(text) {
    if (text === 'auto' || text === 'none') return value(text);
    const block = parseCidr(text);
    if (block?.family === 6 && NAT64_BITS.includes(block.bits)) return value(block);
    return wrong(
      `${quote(text)} is neither auto nor none nor an IPv6 prefix of ${NAT64_BITS.join(', ')} bits`,
    );
  },
  format: (prefix) => (typeof prefix === 'string' ? prefix : formatCidr(prefix)),
};

export function clashOfNat64(one: Nat64Prefix, other: Nat64Prefix): string | undefined {
  return one === 'none' || other === 'none' ? '`none` stands alone' : undefined;
}

const EVERY_IPV4 = '0.0.0.0/0';

/** `PREFIX/BITS[,ADDRESS/BITS]`: the second is what the IPv4 addresses have in common, and so is left out of the others. */
export const SIX_RD_PREFIX: Kind<SixRdPrefix> = {
  metavar: 'PREFIX/BITS[,ADDRESS/BITS]',
  parse(text) {
    const [first = '', second = EVERY_IPV4, ...more] = text.split(',');
    const block = parseCidr(first);
    const common = parseCidr(second);
    if (block?.family !== 6 || common?.family !== 4 || more.length > 0) {
      return wrong(
        `${quote(text)} is not an IPv6 PREFIX/BITS, with the IPv4 ADDRESS/BITS behind a comma that all have in common`,
      );
    }
    if (block.bits + 32 - common.bits > 64) return wrong(`${quote(text)} leaves no 64 bits for the hosts`);
    return value({ block, common });
  },
  format: ({ block, common }) =>
    common.bits === 0 ? formatCidr(block) : `${formatCidr(block)},${formatCidr(common)}`,
};
