import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes } from '../../src/base/ip.ts';
import { zoneOf, zoneOfClient, type Zone } from '../../src/policy/rules/zones.ts';
import { hereAt } from '../support/here.ts';
import { ip } from '../support/ip.ts';

/** Public addresses that this host has itself. */
const OWN = hereAt('198.51.100.7', '2001:db8::7');

/** Address, its zone as a destination, and as a client where that differs. */
const ZONES: readonly (readonly [string, Zone, Zone?])[] = [
  // The host itself.
  ['0.0.0.0', 'host'],
  ['0.255.255.255', 'host'],
  ['127.0.0.1', 'host'],
  ['127.255.255.255', 'host'],
  ['::', 'host'],
  ['::1', 'host'],
  ['198.51.100.7', 'host'],
  ['2001:db8::7', 'host'],
  ['::ffff:127.0.0.1', 'host'],
  ['::ffff:198.51.100.7', 'host'],
  // What it hears itself when it sends there.
  ['224.0.0.1', 'host'],
  ['239.255.255.255', 'host'],
  ['255.255.255.255', 'host'],
  ['ff02::1', 'host'],
  ['ffff::1', 'host'],
  // Its links.
  ['169.254.0.0', 'linkLocal'],
  ['169.254.169.254', 'linkLocal'],
  ['::ffff:169.254.169.254', 'linkLocal'],
  ['fe80::1', 'linkLocal'],
  ['febf::1', 'linkLocal'],
  // Its networks; the edges of each block.
  ['10.0.0.0', 'private'],
  ['10.255.255.255', 'private'],
  ['172.16.0.0', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.0.0', 'private'],
  ['192.168.255.255', 'private'],
  ['100.64.0.0', 'private'],
  ['100.127.255.255', 'private'],
  ['192.0.0.0', 'private'],
  ['192.0.0.255', 'private'],
  ['198.18.0.0', 'private'],
  ['198.19.255.255', 'private'],
  ['240.0.0.0', 'private'],
  ['255.255.255.254', 'private'],
  ['fc00::1', 'private'],
  ['fdff::1', 'private'],
  ['fec0::1', 'private'],
  ['feff::1', 'private'],
  ['64:ff9b:1::1', 'private'],
  ['64:ff9b:1:ffff::1', 'private'],
  ['100::1', 'private'],
  ['2001:2::1', 'private'],
  ['5f00::1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  // Everybody's; the neighbours of each block.
  ['1.0.0.0', 'public'],
  ['9.255.255.255', 'public'],
  ['11.0.0.0', 'public'],
  ['100.63.255.255', 'public'],
  ['100.128.0.0', 'public'],
  ['126.255.255.255', 'public'],
  ['128.0.0.0', 'public'],
  ['169.253.255.255', 'public'],
  ['169.255.0.0', 'public'],
  ['172.15.255.255', 'public'],
  ['172.32.0.0', 'public'],
  ['192.0.1.0', 'public'],
  ['192.0.2.1', 'public'],
  ['192.167.255.255', 'public'],
  ['192.169.0.0', 'public'],
  ['198.17.255.255', 'public'],
  ['198.20.0.0', 'public'],
  ['198.51.100.8', 'public'],
  ['223.255.255.255', 'public'],
  ['2001:db8::8', 'public'],
  ['2606:4700::1111', 'public'],
  ['fbff::1', 'public'],
  ['fe7f::1', 'public'],
  ['64:ff9b:2::1', 'public'],
  ['::ffff:192.0.2.1', 'public'],
  // What carries an IPv4 address is, to whom it goes, the more private of the two.
  ['::127.0.0.1', 'host', 'public'],
  ['::2', 'host', 'public'],
  ['::10.0.0.1', 'private', 'public'],
  ['::192.0.2.1', 'public'],
  ['::ffff:0:127.0.0.1', 'host', 'public'],
  ['64:ff9b::127.0.0.1', 'host', 'public'],
  ['64:ff9b::169.254.169.254', 'linkLocal', 'public'],
  ['64:ff9b::10.0.0.1', 'private', 'public'],
  ['64:ff9b::198.51.100.7', 'host', 'public'],
  ['64:ff9b::192.0.2.1', 'public'],
  ['2002:7f00:1::', 'host', 'public'],
  ['2002:c0a8:101::1', 'private', 'public'],
  ['2002:c633:6407::1', 'host', 'public'],
  ['2002:a9fe:a9fe::', 'linkLocal', 'public'],
  ['2002:c000:201::1', 'public'],
  // Teredo: server 192.0.2.1 and client 127.0.0.1, 10.0.0.1, 192.0.2.1; then server 10.0.0.1.
  ['2001:0:c000:201::80ff:fffe', 'host', 'public'],
  ['2001:0:c000:201::f5ff:fffe', 'private', 'public'],
  ['2001:0:c000:201::3fff:fdfe', 'public'],
  ['2001:0:a00:1::3fff:fdfe', 'private', 'public'],
];

for (const [text, zone, clientZone = zone] of ZONES) {
  test(`${text} is ${zone} as a destination and ${clientZone} as a client`, (t) => {
    t.is(zoneOf(ip(text), OWN), zone);
    t.is(zoneOfClient(ip(text), OWN), clientZone);
  });
}

test('a carried address alone is never more private than what carries it', (t) => {
  const rank = ['host', 'linkLocal', 'private', 'public'];
  const carried = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const prefix = fc.constantFrom('::', '::ffff:0:', '64:ff9b::');
  fc.assert(
    fc.property(carried, prefix, (bytes, start) => {
      const inner = ipFromBytes(bytes);
      const outer = ip(`${start}${inner}`);
      t.true(rank.indexOf(zoneOf(outer, OWN)) <= rank.indexOf(zoneOf(inner, OWN)), outer);
    }),
  );
});
