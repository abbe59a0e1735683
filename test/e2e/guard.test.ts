// Who is served, and how far he gets, with clients that really come from elsewhere.
import { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon } from '../support/daemon.ts';
import { cableNetwork, type Network } from '../support/network.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';

/** Documentation addresses are public ones to the guard. */
const PUBLIC = { proxy: '198.51.100.1', client: '198.51.100.2' };
const PRIVATE = { proxy: '10.99.0.1', client: '10.99.0.2' };

/** Nobody listens there: a request that is let through ends with REP 05. */
const CLOSED_PORT = 9;
const REFUSED = '5';
const NOT_ALLOWED = '2';

const network = (t: ExecutionContext): Promise<Network> =>
  cableNetwork(t, [
    [`${PUBLIC.proxy}/24`, `${PUBLIC.client}/24`],
    [`${PRIVATE.proxy}/24`, `${PRIVATE.client}/24`],
  ]);

/** The REP that a client on `host` hears from the proxy; what curl says where there is none. */
async function askFor(host: readonly string[], proxy: string, destination: string): Promise<string> {
  const url = `http://${destination}:${CLOSED_PORT}/`;
  const { stderr } = await run([
    ...host,
    'curl',
    '-sS',
    '--globoff',
    '--proxy',
    `socks5h://${proxy}:1080`,
    url,
  ]);
  return /SOCKS5 connection to .* \((\d+)\)/.exec(stderr)?.[1] ?? stderr;
}

asRoot('without users and rules a stranger is refused, and the log names the options to set', async (t) => {
  const { proxyHost, clientHost } = await network(t);
  const daemon = await startDaemon(t, [], { wrapper: proxyHost, listen: ['*:1080'] });
  t.notRegex(await askFor(clientHost, PUBLIC.proxy, PUBLIC.client), /^\d+$/);
  const record = await daemon.line(/ refused .*client=198\.51\.100\.2:/);
  t.regex(record, /network/);
  t.is(await askFor(clientHost, PRIVATE.proxy, PRIVATE.client), REFUSED);
});

asRoot('nobody reaches a more private place than his own through the proxy', async (t) => {
  const { proxyHost, clientHost } = await network(t);
  await startDaemon(t, ['--network', '*'], { wrapper: proxyHost, listen: ['*:1080'] });
  for (const host of [
    '127.0.0.1',
    '[::1]',
    'localhost',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    PUBLIC.proxy,
    '169.254.169.254',
  ]) {
    t.is(await askFor(clientHost, PUBLIC.proxy, host), NOT_ALLOWED, `public client, ${host}`);
    t.is(await askFor(clientHost, PRIVATE.proxy, host), NOT_ALLOWED, `private client, ${host}`);
  }
  t.is(await askFor(clientHost, PUBLIC.proxy, PRIVATE.client), NOT_ALLOWED);
  t.is(await askFor(clientHost, PUBLIC.proxy, PUBLIC.client), REFUSED);
  t.is(await askFor(clientHost, PRIVATE.proxy, PRIVATE.client), REFUSED);
  t.is(await askFor(proxyHost, '127.0.0.1', '127.0.0.1'), REFUSED);
});

asRoot('a request rule that names the destination stands above the guard', async (t) => {
  const { proxyHost, clientHost } = await network(t);
  const rules = ['--network', '*', '--request', 'connect:127.0.0.1,connect:*'];
  await startDaemon(t, rules, { wrapper: proxyHost, listen: ['*:1080'] });
  t.is(await askFor(clientHost, PUBLIC.proxy, '127.0.0.1'), REFUSED);
  t.is(await askFor(clientHost, PUBLIC.proxy, '127.0.0.2'), NOT_ALLOWED);
});
