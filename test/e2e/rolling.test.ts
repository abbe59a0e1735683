// A rolling restart of three daemons behind the real HAProxy, under load: nobody's connection fails. Root only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { cableNetwork } from '../support/network.ts';
import { pis5ctl } from '../support/pis5ctl.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';

const [MEMBERS, BALANCER] = ['10.25.0.21', '10.25.0.2'];
const NUMBERS = [1, 2, 3] as const;
const TARGET_PORT = 8080;

const CONFIG = `
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
frontend socks
    bind ${BALANCER}:1080
    default_backend members
backend members
    option httpchk GET /ready
    http-check disable-on-404
    default-server inter 100ms rise 1 source ${BALANCER} send-proxy-v2
${NUMBERS.map((each) => `    server m${each} ${MEMBERS}:108${each} check port 109${each}`).join('\n')}
`;

/** Asks for the target again and again, four times at once, until its standard input ends; then tells how often, and what failed. */
const LOAD = `
  const net = require('node:net');
  const ask = Buffer.from('05010005010001' + '0a190002' + (${TARGET_PORT}).toString(16).padStart(4, '0'), 'hex');
  let over = false, served = 0;
  const failed = [];
  process.stdin.on('end', () => (over = true)).resume();
  const once = () => new Promise((resolve) => {
    const socket = net.connect(1080, '${BALANCER}');
    let got = Buffer.alloc(0);
    socket.on('error', ({ code }) => failed.push(code));
    socket.on('data', (bytes) => {
      got = Buffer.concat([got, bytes]);
      if (got.length >= 12) socket.end();
    });
    socket.on('close', () => {
      if (got.length >= 12 && got[3] === 0) served += 1;
      else failed.push(got.toString('hex'));
      resolve();
    });
    socket.write(ask);
  });
  const lane = async () => { while (!over) { await once(); await new Promise((go) => setTimeout(go, 20)); } };
  net.createServer((socket) => socket.on('error', () => undefined).resume()).listen(${TARGET_PORT}, '${BALANCER}', async () => {
    await Promise.all([lane(), lane(), lane(), lane()]);
    console.log(JSON.stringify({ served, failed }));
    process.exit();
  });
`;

asRoot('three members are restarted one by one behind HAProxy, and no connection fails', async (t) => {
  const { proxyHost, clientHost } = await cableNetwork(t, [[`${MEMBERS}/24`, `${BALANCER}/24`]]);
  const folder = temporaryFolder(t);
  const control = (each: number): string => join(folder, `control${each}`);
  const start = (each: number): Promise<Daemon> =>
    startDaemon(
      t,
      [
        ...['--proxy-protocol', BALANCER, '--ready', `${MEMBERS}:109${each}`, '--control', control(each)],
        ...['--network', '10.25.0.0/24', '--request', 'connect:10.25.0.0/24'],
      ],
      { wrapper: proxyHost, listen: [`${MEMBERS}:108${each}`] },
    );
  const members = await Promise.all(NUMBERS.map(start));
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(config, CONFIG);
  const [program, ...args] = [...clientHost, 'haproxy', '-db', '-q', '-f', config];
  const balancer = spawn(program, args, { stdio: 'ignore' });
  t.teardown(() => balancer.kill('SIGKILL'));
  await listens(clientHost);
  const [node, ...script] = [...clientHost, process.execPath, '-e', LOAD];
  const load = spawn(node, script, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => load.kill('SIGKILL'));
  for (const [at, member] of members.entries()) {
    await member.line(/ ended /);
    await pis5ctl('--control', control(at + 1), 'drain', '--announce', '1s');
    t.is(await member.exited, 0);
    // Its first session: HAProxy has seen that it is back.
    await (await start(at + 1)).line(/ ended /);
  }
  load.stdin.end();
  const [told] = (await once(load.stdout, 'data')) as [Buffer];
  const { served, failed } = JSON.parse(told.toString()) as { served: number; failed: string[] };
  t.deepEqual(failed, []);
  t.true(served > 20, `${served} served`);
});

/** Until the balancer takes connections. */
async function listens(host: readonly string[]): Promise<void> {
  const [program, ...args] = [...host, 'nc', '-z', BALANCER, '1080'];
  for (;;) {
    const [status] = (await once(spawn(program, args, { stdio: 'ignore' }), 'exit')) as [number];
    if (status === 0) return;
  }
}
