// What a sockd.conf becomes on a host that is always the same.
import { parseIp } from '../../src/base/ip.ts';
import { convertDanted, type DanteHost } from '../../src/danted/convert.ts';

const ips = (...texts: readonly string[]) => texts.flatMap((text) => parseIp(text) ?? []);

export const HOST: DanteHost = {
  interfaces: new Map([
    ['eth0', ips('192.0.2.1', '2001:db8::1')],
    ['eth1', ips('198.51.100.1')],
    ['eth1:0', ips('198.51.100.2', '198.51.100.3')],
  ]),
  portOf: (name) => new Map([['http', 80]]).get(name),
};

/** The settings of the output, and what is left as `LINE WHAT`. */
export function convert(text: string) {
  const converted = convertDanted(text, HOST);
  const settings = converted.text.split('\n').filter((line) => /^[a-z-]+ = /.test(line));
  // The last two stand there in any case.
  return {
    settings: settings.slice(0, -2),
    left: converted.left.map(({ line, what }) => `${line} ${what}`),
    // Lines that keep the daemon from starting.
    stops: converted.text.split('\n').filter((line) => line.startsWith('LEFT = ')).length,
  };
}

/** Text, settings, and what is left. */
export type Case = readonly [text: string, settings: readonly string[], left?: readonly string[]];

/** After `IPV4`: clients and destinations are of one family. */
export const IPV4 = 'internal: 192.0.2.1\nexternal: 192.0.2.1\nsocksmethod: username none\n';
