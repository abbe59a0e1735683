// Behind the real HAProxy, beside logins and health checks (haproxy.test.ts): limits, HTTP, UDP, BIND and the log go by the client that is
// announced, and a client that it does not announce is never local. Root only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { cableNetwork } from '../support/network.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';

const [MEMBER, BALANCER, ALICE, BOB, TARGET] = [
  '10.25.0.21',
  '10.25.0.2',
  '10.25.0.11',
  '10.25.0.12',
  '10.25.0.30',
];
const HTTP_PORT = 8080;
const CLIENT = fileURLToPath(new URL('../support/balancedclient.py', import.meta.url));
const SERVER = `(${serve.toString()})(require('node:http').createServer, ${HTTP_PORT}, '${TARGET}')`;

/** Runs as a program of its own, on the host of the target. */
function serve(create: typeof createServer, port: number, host: string): void {
  create((_, answer) => answer.end('here')).listen(port, host, () => console.log('ready'));
}

/** One member by each version of the protocol, and one way in through a Unix socket, whose clients HAProxy sends as LOCAL. */
const config = (folder: string): string => `
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
    default-server source ${BALANCER}
listen v1
    bind ${BALANCER}:1081
    server m1 ${MEMBER}:1080 send-proxy
listen v2
    bind ${BALANCER}:1082
    server m1 ${MEMBER}:1080 send-proxy-v2
listen hidden
    bind unix@${folder}/hidden
    server m1 ${MEMBER}:1080 send-proxy-v2
`;

async function startOn(t: ExecutionContext, [program = '', ...args]: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  if (args.includes('-e')) await once(child.stdout, 'data');
}

asRoot(
  'limits, HTTP, UDP, BIND and the log go by the client that HAProxy announces, by v1 and v2',
  async (t) => {
    const { proxyHost, clientHost } = await cableNetwork(t, [
      [`${MEMBER}/24`, `${BALANCER}/24`],
      ...[ALICE, BOB, TARGET].map((each, at) => [`10.25.0.${22 + at}/24`, `${each}/24`] as const),
    ]);
    const folder = temporaryFolder(t);
    const member = await startDaemon(
      t,
      [
        ...['--proxy-protocol', BALANCER, '--public-address', MEMBER, '--limit', 'client sessions=4'],
        ...['--request', 'all:10.25.0.0/24', '--loglevel', 'debug'],
      ],
      { wrapper: proxyHost, listen: [`${MEMBER}:1080`] },
    );
    writeFileSync(join(folder, 'haproxy.cfg'), config(folder));
    await startOn(t, [...clientHost, process.execPath, '-e', SERVER]);
    await startOn(t, [...clientHost, 'haproxy', '-db', '-q', '-f', join(folder, 'haproxy.cfg')]);
    const page = `http://${TARGET}:${HTTP_PORT}/`;
    const get = (from: string, port: number): Promise<string> =>
      mustRun([
        ...[...clientHost, 'curl', '-sS', '--retry-connrefused', '--retry', '20', '--retry-delay', '1'],
        ...['--interface', from, '--proxy', `http://${BALANCER}:${port}`, page],
      ]);
    const see = async (from: string, port: number, ...mode: readonly string[]): Promise<unknown> => {
      const client = ['/usr/bin/python3', CLIENT, from, BALANCER, String(port), TARGET, ...mode];
      return JSON.parse(await mustRun([...clientHost, ...client])) as unknown;
    };

    for (const port of [1081, 1082]) {
      t.is(await get(BOB, port), 'here');
      const accepted = await member.line(
        new RegExp(` accepted id=\\d+ client=${BOB.replaceAll('.', '\\.')}:`),
      );
      t.regex(accepted, new RegExp(` balancer=${BALANCER.replaceAll('.', '\\.')}:`));
      const [alice, bob] = await Promise.all([
        see(ALICE, port, 'hold', '10', String(HTTP_PORT)),
        see(BOB, port, 'hold', '3', String(HTTP_PORT)),
      ]);
      t.deepEqual([alice, bob], [{ granted: 4 }, { granted: 3 }]);
      t.deepEqual(await see(ALICE, port, 'udp'), { code: 0, told: MEMBER, answer: 'HELLO' });
      const bound = await see(BOB, port, 'bind');
      t.deepEqual(bound, { code: 0, told: MEMBER, peer: TARGET, said: 'hello' });
    }
    t.true(member.lines.some((line) => / turned-away .*client=10\.25\.0\.11:.*why=LIMIT_REACHED/.test(line)));

    // Nobody's address comes with it: it gets its greeting answered, and nothing of the member's network or host.
    const before = member.lines.length;
    const hidden = [
      'curl',
      '-sS',
      '--max-time',
      '10',
      '--proxy',
      `socks5h://localhost${folder}/hidden`,
      page,
    ];
    const { stdout, stderr } = await run([...clientHost, ...hidden]);
    t.is(stdout, '', 'a hidden client is served');
    t.regex(stderr, /curl: \(97\)/);
    t.regex(
      await member.line(/ refused .*CLIENT_HIDDEN/),
      new RegExp(`client=${BALANCER.replaceAll('.', '\\.')}:`),
    );
    t.false(member.lines.slice(before).some((line) => / connected /.test(line)));
  },
);
