// What is told of a name by what there is of it and what stands against a family: IPv6, IPv4, and which families were asked for.
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { Answer } from '../../src/net/dns/namesource.ts';
import { judge, judgeByAsking, type Objections } from '../../src/net/names/objections.ts';
import { ip } from '../support/ip.ts';

const FOUR: Answer = [ip('192.0.2.1')];
const SIX: Answer = [ip('2001:db8::1')];
const NOTHING: Answer = [];
const BROKEN = new Fault('RESOLVER_FAILED');
const NOT_6 = { 6: new Fault('FAMILY_UNSUPPORTED'), 4: undefined };
const NOT_4 = { 6: undefined, 4: new Fault('SOURCE_UNAVAILABLE') };
const NEITHER = { 6: NOT_6[6], 4: NOT_4[4] };

interface Case {
  readonly against: Objections;
  readonly ipv6: Answer;
  readonly ipv4: Answer;
  readonly told: readonly unknown[];
  readonly asked: string;
}

const CASES: Readonly<Record<string, Case>> = {
  'both, and nothing against them': {
    against: { 6: undefined, 4: undefined },
    ipv6: SIX,
    ipv4: FOUR,
    told: [SIX, FOUR],
    asked: '64',
  },
  'both under family = 4': { against: NOT_6, ipv6: SIX, ipv4: FOUR, told: [NOTHING, FOUR], asked: '4' },
  'both with an IPv6 source': { against: NOT_4, ipv6: SIX, ipv4: FOUR, told: [SIX, NOTHING], asked: '6' },
  'no such name under family = 4': {
    against: NOT_6,
    ipv6: NOTHING,
    ipv4: NOTHING,
    told: [NOTHING, NOTHING],
    asked: '46',
  },
  'a broken server under family = 4': {
    against: NOT_6,
    ipv6: SIX,
    ipv4: BROKEN,
    told: [NOTHING, BROKEN],
    asked: '4',
  },
  'broken for the other family only': {
    against: NOT_6,
    ipv6: BROKEN,
    ipv4: NOTHING,
    told: [BROKEN, NOTHING],
    asked: '46',
  },
  'only IPv6 under family = 4': {
    against: NOT_6,
    ipv6: SIX,
    ipv4: NOTHING,
    told: ['FAMILY_UNSUPPORTED', NOTHING],
    asked: '46',
  },
  'only IPv4 with an IPv6 source': {
    against: NOT_4,
    ipv6: NOTHING,
    ipv4: FOUR,
    told: [NOTHING, 'SOURCE_UNAVAILABLE'],
    asked: '64',
  },
  'anything that cannot be used at all': {
    against: NEITHER,
    ipv6: SIX,
    ipv4: FOUR,
    told: ['FAMILY_UNSUPPORTED', 'SOURCE_UNAVAILABLE'],
    asked: '',
  },
  'a family that nobody wants to know': {
    against: { 6: undefined, 4: 'unasked' },
    ipv6: NOTHING,
    ipv4: FOUR,
    told: [NOTHING, NOTHING],
    asked: '6',
  },
};

for (const [what, { against, ipv6, ipv4, told, asked }] of Object.entries(CASES)) {
  test(`a name with ${what}, asked and known already`, async (t) => {
    const questions = new Set<number>();
    const ask = {
      6: () => Promise.resolve((questions.add(6), ipv6)),
      4: () => Promise.resolve((questions.add(4), ipv4)),
    };
    const fresh = judge({ ipv6: undefined, ipv4: undefined }, against);
    const answers = [
      fresh.ipv6 ?? (await judgeByAsking(ask, 6, against)),
      fresh.ipv4 ?? (await judgeByAsking(ask, 4, against)),
    ];
    t.deepEqual(answers.map(plain), told);
    t.is([...questions].join(''), asked);
    const known = judge({ ipv6, ipv4 }, against);
    t.deepEqual([plain(known.ipv6), plain(known.ipv4)], [...told].map(plain));
  });
}

function plain(answer: unknown): unknown {
  if (answer === BROKEN) return answer;
  return answer instanceof Fault ? answer.code : answer;
}
