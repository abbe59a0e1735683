// Blocks of addresses as a comma list: --whitelist, --ban-allow.
import { formatCidr, type Cidr } from '../../base/ip.ts';
import { parseZonedCidr } from '../../base/zoned.ts';
import type { Kind } from './kinds.ts';
import { quote, value, wrong } from './parsed.ts';

export const BLOCKS: Kind<readonly Cidr[]> = {
  metavar: 'ADDRESS[/BITS],...',
  parse(text) {
    const blocks: Cidr[] = [];
    for (const item of text.split(',')) {
      const block = parseZonedCidr(item.trim());
      if (block === undefined) {
        return wrong(`${quote(item.trim())} is not ADDRESS or ADDRESS/BITS; names are not allowed here`);
      }
      blocks.push(block);
    }
    return value(blocks);
  },
  format: (blocks) => blocks.map(formatCidr).join(','),
};
