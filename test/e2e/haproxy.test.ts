// Behind the real HAProxy: it, the clients and the target are on one host, the daemons on another. Root only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { cableNetwork } from '../support/network.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';

const [MEMBER, BALANCER, ALICE, BOB, TARGET, OUTSIDER] = [
  '10.25.0.21',
  '10.25.0.2',
  '10.25.0.11',
  '10.25.0.12',
  '10.25.0.30',
  '198.51.100.7',
];
const HTTP_PORT = 8080;

const CONFIG = `
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
frontend with-users
    bind ${BALANCER}:1080
    default_backend users
backend users
    option tcp-check
    tcp-check send-binary 050102
    tcp-check expect binary 0502
    server m1 ${MEMBER}:1080 check inter 100ms source ${BALANCER} send-proxy-v2 check-send-proxy
frontend open
    bind ${BALANCER}:1081
    default_backend open
backend open
    option httpchk GET /ready
    http-check disable-on-404
    server m2 ${MEMBER}:1081 check port 1082 inter 100ms source ${BALANCER} send-proxy
`;

const SERVER = `require('node:http').createServer((_, answer) => answer.end('here')).listen(${HTTP_PORT}, '${TARGET}', () => console.log('ready'))`;

async function startOn(t: ExecutionContext, [program = '', ...args]: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  if (program !== '' && args.includes('-e')) await once(child.stdout, 'data');
}

asRoot('each client behind HAProxy is judged by itself, and health checks leave no record', async (t) => {
  const { proxyHost, clientHost } = await cableNetwork(t, [
    [`${MEMBER}/24`, `${BALANCER}/24`],
    ['10.25.0.22/24', `${ALICE}/24`],
    ['10.25.0.23/24', `${BOB}/24`],
    ['10.25.0.24/24', `${TARGET}/24`],
    ['198.51.100.21/24', `${OUTSIDER}/24`],
  ]);
  const folder = temporaryFolder(t);
  const [config, users] = [join(folder, 'haproxy.cfg'), join(folder, 'users')];
  writeFileSync(config, CONFIG);
  await run(['htpasswd', '-bc5', users, 'bob', 'secret']);
  const wrapper = { wrapper: proxyHost };
  const trust = ['--proxy-protocol', BALANCER];
  const judged = await startDaemon(
    t,
    [...trust, '--auth', users, '--ban-after', '3', '--network', '10.25.0.0/24'],
    { ...wrapper, listen: [`${MEMBER}:1080`] },
  );
  const open = await startDaemon(t, [...trust, '--ready', `${MEMBER}:1082`], {
    ...wrapper,
    listen: [`${MEMBER}:1081`],
  });
  await startOn(t, [...clientHost, process.execPath, '-e', SERVER]);
  await startOn(t, [...clientHost, 'haproxy', '-db', '-q', '-f', config]);
  const get = async (from: string, port: number, login = ''): Promise<string> => {
    const proxy = `socks5://${login}${BALANCER}:${port}`;
    const url = `http://${TARGET}:${HTTP_PORT}/`;
    const curl = ['curl', '-sS', '--retry-connrefused', '--retry', '20', '--retry-delay', '1'];
    const { stdout, stderr } = await run([
      ...clientHost,
      ...curl,
      '--interface',
      from,
      '--proxy',
      proxy,
      url,
    ]);
    return stdout === '' ? stderr : stdout;
  };

  t.is(await get(BOB, 1080, 'bob:secret@'), 'here');
  for (const guess of ['a', 'b', 'c']) t.regex(await get(ALICE, 1080, `eve:${guess}@`), /curl: \(97\)/);
  t.regex(await judged.line(/ banned client=/), new RegExp(`client=${ALICE.replaceAll('.', '\\.')} `));
  t.regex(await get(ALICE, 1080, 'bob:secret@'), /curl: /);
  t.is(await get(BOB, 1080, 'bob:secret@'), 'here');
  t.is(await get(BOB, 1081), 'here');
  t.regex(await get(OUTSIDER, 1081), /curl: /);
  t.regex(
    await open.line(/ refused /),
    new RegExp(`client=${OUTSIDER.replaceAll('.', '\\.')}:.*CLIENT_NOT_LOCAL`),
  );
  for (const { lines } of [judged, open])
    t.deepEqual(
      lines.filter((line) => line.includes(`client=${BALANCER}:`)),
      [],
    );
});
