// Source addresses of outgoing connections: `ADDRESS[/BITS]...` or `client`, and the choice among several. Items are separated by
// commas, white space or `+`, the last for places where the others end the value.
import { formatCidr, ipFromBytes, parseCidr, type Cidr } from '../../base/ip.ts';
import { formatDuration } from '../../base/units.ts';
import type { Origin, SourcePlan, SourcePolicy } from '../model/config.ts';
import { POSITIVE_DURATION, type Kind, type Reading } from '../values/kinds.ts';
import { quote, value, wrong, type Parsed } from '../values/parsed.ts';

/** The default time for which a user keeps an address. */
const STICKY_MS = 600_000;
/** A wider block must be a slip: no host owns one. */
const LEAST_BITS = 8;

export const SOURCE_PLAN: Kind<SourcePlan> = {
  metavar: 'ADDRESS[/BITS],...',
  parse: (text, reading) =>
    parseItems(
      text.split(/[\s,+]+/).filter((item) => item !== ''),
      reading,
    ),
  format({ pool, policy }) {
    const places = pool.kind === 'client' ? ['client'] : pool.blocks.map(formatBlock);
    return [...places, ...(policy === undefined ? [] : [formatPolicy(policy)])].join(',');
  },
};

/** Both pools in one; the policy of `more` wins. */
export function joinSources(before: SourcePlan, more: SourcePlan): Parsed<SourcePlan> {
  const pools = [before.pool, more.pool];
  const blocks = pools.flatMap((pool) => (pool.kind === 'addresses' ? pool.blocks : []));
  if (pools.some(({ kind }) => kind === 'client')) return wrong(CLIENT_ALONE);
  return value({ ...more, pool: { kind: 'addresses', blocks }, policy: more.policy ?? before.policy });
}

/** An address alone, or a block of them, as an operator writes it. */
export function formatBlock(block: Cidr): string {
  return isOneAddress(block) ? ipFromBytes(block.base) : formatCidr(block);
}

/** Whether the block is a single address. */
export function isOneAddress({ base, bits }: Cidr): boolean {
  return bits === base.length * 8;
}

const CLIENT_ALONE = 'client stands for the one address that the client has connected to; write it alone';

function parseItems(items: readonly string[], reading: Reading): Parsed<SourcePlan> {
  const plan: SourceDraft = { client: 0, blocks: [], policy: undefined };
  for (const item of items) {
    const why = addItem(plan, item, reading);
    if (why !== undefined) return wrong(why);
  }
  return finishPlan(plan, reading.origin);
}

interface SourceDraft {
  client: number;
  readonly blocks: Cidr[];
  policy: SourcePolicy | undefined;
}

function finishPlan({ client, blocks, policy }: SourceDraft, origin: Origin): Parsed<SourcePlan> {
  if (client > 0) {
    if (client > 1 || blocks.length > 0 || policy !== undefined) return wrong(CLIENT_ALONE);
    return value({ pool: { kind: 'client' }, policy, origin });
  }
  if (blocks.length === 0) return wrong('no address to choose from; write addresses of this host, or client');
  return value({ pool: { kind: 'addresses', blocks }, policy, origin });
}

/** Returns the error of `item`, if any. */
function addItem(plan: SourceDraft, item: string, reading: Reading): string | undefined {
  const policy = parsePolicy(item, reading);
  if (policy?.kind === 'wrong') return policy.why;
  if (policy !== undefined) {
    if (plan.policy !== undefined)
      return `${quote(item)} stands beside ${formatPolicy(plan.policy)}; write one`;
    plan.policy = policy.value;
  } else if (item === 'client') plan.client += 1;
  else {
    const block = parseSourceBlock(item);
    if (block.kind === 'wrong') return block.why;
    plan.blocks.push(block.value);
  }
  return undefined;
}

function parseSourceBlock(item: string): Parsed<Cidr> {
  const block = parseCidr(item);
  if (block === undefined) {
    return wrong(
      `${quote(item)} is not an address; write an IPv4 or IPv6 address of this host without a port, ADDRESS/BITS, or client, ` +
        'and random, round-robin or sticky[=TIME] beside several',
    );
  }
  if (block.bits < LEAST_BITS)
    return wrong(`${quote(item)} is wider than any host has; write /${LEAST_BITS} or more`);
  return value(block);
}

/** undefined when it is no policy. */
function parsePolicy(item: string, reading: Reading): Parsed<SourcePolicy> | undefined {
  if (item === 'random' || item === 'round-robin') return value({ kind: item });
  if (item === 'sticky') return value({ kind: 'sticky', milliseconds: STICKY_MS });
  if (!item.startsWith('sticky=')) return undefined;
  const time = POSITIVE_DURATION.parse(item.slice('sticky='.length), reading);
  return time.kind === 'wrong'
    ? wrong(`sticky: ${time.why}`)
    : value({ kind: 'sticky', milliseconds: time.value });
}

function formatPolicy(policy: SourcePolicy): string {
  return policy.kind === 'sticky' ? `sticky=${formatDuration(policy.milliseconds)}` : policy.kind;
}
