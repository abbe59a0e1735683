// What clients are told of this host's addresses, behind a NAT and without one.
import test from 'ava';
import { formatEndpoint } from '../../src/base/ip.ts';
import { toldEndpoint, toldToClient } from '../../src/session/told.ts';
import { hereAt } from '../support/here.ts';
import { ip } from '../support/ip.ts';

const PUBLIC = [ip('203.0.113.7'), ip('2001:db8::7')];
const OWN = hereAt('192.168.1.2', 'fd00::2', '127.0.0.1', '::1');

const at = (address: string) => ({ ip: ip(address), port: 1234 });

const OUTSIDE: readonly (readonly [local: string, told: string])[] = [
  ['192.168.1.2', '203.0.113.7:1234'],
  ['fd00::2', '[2001:db8::7]:1234'],
  ['127.0.0.1', '127.0.0.1:1234'],
  ['::1', '[::1]:1234'],
];

for (const [local, told] of OUTSIDE) {
  test(`others hear that ${local} is ${told}`, (t) => {
    t.is(formatEndpoint(toldEndpoint(at(local), PUBLIC)), told);
    t.is(formatEndpoint(toldEndpoint(at(local), [])), formatEndpoint(at(local)));
  });
}

const CLIENTS: readonly (readonly [client: string, local: string, told: string])[] = [
  ['198.51.100.1', '192.168.1.2', '203.0.113.7:1234'],
  ['192.168.1.9', '192.168.1.2', '203.0.113.7:1234'],
  ['2001:db8:5::1', 'fd00::2', '[2001:db8::7]:1234'],
  ['192.168.1.2', '192.168.1.2', '192.168.1.2:1234'],
  ['fd00::2', 'fd00::2', '[fd00::2]:1234'],
  ['127.0.0.1', '127.0.0.1', '127.0.0.1:1234'],
  ['::1', '::1', '[::1]:1234'],
];

for (const [client, local, told] of CLIENTS) {
  test(`a client at ${client} that came to ${local} sends its datagrams to ${told}`, (t) => {
    t.is(formatEndpoint(toldToClient(at(local), ip(client), PUBLIC, OWN)), told);
  });
}
