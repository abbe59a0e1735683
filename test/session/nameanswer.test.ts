import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { Ip } from '../../src/base/ip.ts';
import type { Answer } from '../../src/net/dns/namesource.ts';
import type { DropReason } from '../../src/session/datagrams/drops.ts';
import { chooseAddress } from '../../src/session/udp/nameanswer.ts';
import { ip } from '../support/ip.ts';

const FOUR = ip('192.0.2.1');
const SIX = ip('2001:db8::1');
const HOST_FOUR = ip('198.51.100.1');
const HOST_SIX = ip('2001:db8:1::1');

interface Case {
  readonly title: string;
  readonly ipv4: Answer;
  readonly ipv6: Answer;
  readonly host?: readonly Ip[];
  readonly refused?: Readonly<Record<string, DropReason>>;
  readonly chosen: Ip | DropReason;
}

const NOTHING = new Fault('NAME_NOT_FOUND');
const CASES: readonly Case[] = [
  { title: 'IPv4 comes first', ipv4: [FOUR], ipv6: [SIX], chosen: FOUR },
  {
    title: 'IPv4 comes first on a host with both',
    ipv4: [FOUR],
    ipv6: [SIX],
    host: [HOST_FOUR, HOST_SIX],
    chosen: FOUR,
  },
  {
    title: 'IPv6 comes first on a host that has nothing else',
    ipv4: [FOUR],
    ipv6: [SIX],
    host: [ip('127.0.0.1'), ip('169.254.3.4'), ip('::1'), HOST_SIX],
    chosen: SIX,
  },
  {
    title: 'a host with loopback alone is like one with both',
    ipv4: [FOUR],
    ipv6: [SIX],
    host: [ip('::1')],
    chosen: FOUR,
  },
  { title: 'the other family is taken where one has failed', ipv4: NOTHING, ipv6: [SIX], chosen: SIX },
  {
    title: 'the other family is taken where one is refused',
    ipv4: [FOUR],
    ipv6: [SIX],
    refused: { [FOUR]: 'denied' },
    chosen: SIX,
  },
  {
    title: 'the second address is taken where the first is refused',
    ipv4: [ip('10.0.0.1'), FOUR],
    ipv6: [],
    refused: { '10.0.0.1': 'denied' },
    chosen: FOUR,
  },
  { title: 'a name without addresses is unresolved', ipv4: [], ipv6: NOTHING, chosen: 'unresolved' },
  {
    title: 'a name whose addresses are all refused is refused',
    ipv4: [FOUR],
    ipv6: NOTHING,
    refused: { [FOUR]: 'denied' },
    chosen: 'denied',
  },
];

for (const { title, ipv4, ipv6, host = [], refused = {}, chosen } of CASES) {
  test(`chooseAddress(): ${title}`, async (t) => {
    const lookup = { ipv4: Promise.resolve(ipv4), ipv6 };
    const answer = await chooseAddress(lookup, new Set(host), (each) => refused[each]);
    t.deepEqual(answer, typeof answer === 'string' ? (chosen as Ip) : { refused: chosen as DropReason });
  });
}
