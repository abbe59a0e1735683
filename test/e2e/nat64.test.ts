// Prefixes of NAT64 that the daemon finds by itself: what they lead to is closed to clients from elsewhere.
import { startDaemon } from '../support/daemon.ts';
import { dnsServerAt } from '../support/dns.ts';
import { cableNetwork } from '../support/network.ts';
import { askFrom, echoAt, type Place } from '../support/remoteclient.ts';
import { asRoot } from '../support/root.ts';

const PORT = 8000;
/** Documentation addresses are public ones to the guard. */
const PUBLIC = { proxy: '198.51.100.1', client: '198.51.100.2' };

const at = (ip: string, port = PORT): Place => ({ ip, port });
const CARRYING_PRIVATE = ['2001:db8:64::10.0.0.1', '2001:db8:64::127.0.0.1'].map((ip) => at(ip));
const OTHERS = [at('2001:db8:64::192.0.2.1'), at('2001:db8:65::10.0.0.1'), at(PUBLIC.client)];

const LET_THROUGH = '0';
const NOT_ALLOWED = '2';
/** No translator is there: nothing more is needed to see that the guard has let an address through. */
const NETWORK_UNREACHABLE = '3';
const OF_OTHERS = [NETWORK_UNREACHABLE, NETWORK_UNREACHABLE, LET_THROUGH];

asRoot(
  'private IPv4 behind a translator that the name server knows is closed, and nothing else is',
  async (t) => {
    const { proxyHost, clientHost } = await cableNetwork(t, [[`${PUBLIC.proxy}/24`, `${PUBLIC.client}/24`]]);
    await echoAt(t, clientHost, PORT);
    const table = { 'ipv4only.arpa': { aaaa: ['2001:db8:64::192.0.0.170', '2001:db8:64::192.0.0.171'] } };
    await dnsServerAt(t, proxyHost, table, 5353);
    const start = (listen: string, nat64Prefix: string) =>
      startDaemon(t, ['--network', '*', '--resolver', '127.0.0.1:5353'], {
        wrapper: proxyHost,
        listen: [listen],
        env: { PICOSOCKS5_NAT64_PREFIX: nat64Prefix },
      });

    const daemon = await start('*:1080', '');
    t.regex(await daemon.line(/ nat64 /), / notice nat64 prefix=2001:db8:64::\/96 /);
    t.deepEqual(await askFrom(clientHost, at(PUBLIC.proxy, 1080), [...CARRYING_PRIVATE, ...OTHERS]), [
      NOT_ALLOWED,
      NOT_ALLOWED,
      ...OF_OTHERS,
    ]);

    await start('*:1081', 'none');
    t.deepEqual(await askFrom(clientHost, at(PUBLIC.proxy, 1081), [...CARRYING_PRIVATE, ...OTHERS]), [
      NETWORK_UNREACHABLE,
      NETWORK_UNREACHABLE,
      ...OF_OTHERS,
    ]);
  },
);
