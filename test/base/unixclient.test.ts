// Clients of Unix sockets where addresses stand: one client for each account, on this host.
import test from 'ava';
import { familyOf, formatCidr, formatEndpoint, ipOfUnixClient, ipToBytes, putIp } from '../../src/base/ip.ts';
import { uidOf } from '../../src/base/unixclient.ts';
import { cidrHolds, parseClientIp, parseZonedCidr } from '../../src/base/zoned.ts';
import { holdsBlock, isListed, overlap } from '../../src/policy/blocks.ts';
import { clientKeyOf, clientOfBlock, ipOfClientKey } from '../../src/policy/clientkey.ts';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { addressOfIp, compileSpan, spanHoldsClient } from '../../src/policy/rules/span.ts';
import { spanOf } from '../../src/config/rules/places.ts';
import { replyClientOf, replyKeyOf } from '../../src/policy/udp/replykey.ts';
import { ip } from '../support/ip.ts';

const [ALICE, BOB, NOBODY_KNOWS] = [
  ipOfUnixClient(1000),
  ipOfUnixClient(0xfffffffe),
  ipOfUnixClient(undefined),
];
const block = (text: string) => parseZonedCidr(text)!;

test('it reads as 127.0.0.1 where bytes are wanted, and as its account where it is shown', (t) => {
  for (const client of [ALICE, BOB, NOBODY_KNOWS]) {
    t.is(familyOf(client), 4);
    t.deepEqual([...ipToBytes(client)], [127, 0, 0, 1]);
    t.is(putIp(client, new Uint8Array(16), 0), 4);
    t.is(formatEndpoint({ ip: client, port: 0 }), client);
    t.is(parseClientIp(client), client);
    t.is(ipOfClientKey(clientKeyOf(client)), client);
    t.deepEqual(ownerOf(client), ['unix', client]);
  }
  t.deepEqual([uidOf(ALICE), uidOf(BOB), uidOf(NOBODY_KNOWS)], [1000, 0xfffffffe, undefined]);
  for (const text of ['unix:uid=', 'unix:uid=01', 'unix:uid=4294967295', 'unix:uid=-1', 'unix:x', 'unix:'])
    t.is(parseClientIp(text), undefined, text);
});

test('blocks hold one account, all of them, or whom 127.0.0.1 means', (t) => {
  const holders: readonly (readonly [string, readonly boolean[]])[] = [
    ['unix:uid=1000', [true, false, false, false]],
    ['unix', [true, true, true, false]],
    ['127.0.0.1', [true, true, true, true]],
    ['127.0.0.0/8', [true, true, true, true]],
    ['10.0.0.0/8', [false, false, false, false]],
  ];
  for (const [text, held] of holders) {
    const clients = [ALICE, BOB, NOBODY_KNOWS, ip('127.0.0.1')];
    const span = compileSpan(spanOf(block(text)));
    t.deepEqual(
      clients.map((each) => cidrHolds(block(text), each, ipToBytes(each))),
      held,
      text,
    );
    t.deepEqual(
      clients.map((each) => isListed([block(text)], each)),
      held,
      text,
    );
    t.deepEqual(
      clients.map((each) => spanHoldsClient(span, addressOfIp(each), each)),
      held,
      text,
    );
  }
  t.is(formatCidr(block('unix')), 'unix');
  t.is(formatCidr(block('unix:uid=7')), 'unix:uid=7');
  t.is(clientOfBlock(block('unix:uid=7')), ipOfUnixClient(7));
  t.is(clientOfBlock(block('unix')), undefined);
  t.true(holdsBlock(block('unix'), block('unix:uid=7')));
  t.false(holdsBlock(block('unix:uid=7'), block('unix')));
  t.true(overlap(block('unix:uid=7'), block('unix')));
  t.false(overlap(block('unix:uid=7'), block('unix:uid=8')));
});

test('no account shares the reply debts of another one, or of 127.0.0.1', (t) => {
  const keys = [ALICE, BOB, NOBODY_KNOWS, ip('127.0.0.1')].map((each) =>
    replyKeyOf(replyClientOf(each), ip('192.0.2.1')).join(' '),
  );
  t.is(new Set(keys).size, 4);
});
