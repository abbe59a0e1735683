// Whoever attacks the reading of tickets, and what happens when it fails: clear refusals, and nobody else is the worse for it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { encodeGssapi } from '../../src/protocol/gssapi.ts';
import { runProgram, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { freshToken, gssClient } from '../support/gssclient.ts';
import { HAS_KERBEROS, startKdc, withKerberosInTurn, type Kdc } from '../support/kdc.ts';
import { IS_ROOT } from '../support/root.ts';
import { openScope } from '../support/scope.ts';
import { dialWire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';
import { ticketProcesses } from '../support/ticketprocesses.ts';

const scope = openScope();
let kdc: Kdc;
let daemon: Daemon;
if (HAS_KERBEROS) {
  test.before(async () => {
    kdc = await startKdc(scope);
    kdc.addService('old/localhost', 'arcfour-hmac:normal', kdc.keytab);
    kdc.addService('other/localhost');
    const options = [
      // The keytab is root's alone.
      ...(IS_ROOT ? ['-u', 'daemon'] : []),
      '--gssapi-keytab',
      kdc.keytab,
      '--ban-after',
      '3',
      '--ban-allow',
      '127.0.0.1',
      '-v',
      'debug',
    ];
    daemon = await startDaemon(scope, options, { env: kdc.env });
  });
}
test.after.always(() => scope.close());

/** What is answered to a first token. */
async function answerTo(token: Uint8Array, from?: string): Promise<string> {
  const wire = await dialWire(daemon.port, '127.0.0.1', from);
  wire.send(Buffer.concat([Uint8Array.of(5, 1, 1), encodeGssapi(1, token)]));
  wire.socket.end();
  return (await wire.rest()).toString('hex');
}

async function isServed(t: ExecutionContext): Promise<boolean> {
  const seen = await gssClient(kdc.env, { port: daemon.port, level: 2, target: await echoServer(t) });
  return seen.same === true;
}

withKerberosInTurn('the processes that read tickets have next to no rights', async (t) => {
  for (const role of ['serving', 'standby'] as const) {
    const status = readFileSync(`/proc/${await ticketProcesses(daemon).pidOf(role)}/status`, 'utf8');
    const fieldOf = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1];
    t.deepEqual([fieldOf('NoNewPrivs'), fieldOf('Seccomp')], ['1', '2']);
    if (IS_ROOT) {
      t.regex(fieldOf('Uid') ?? '', /^([1-9]\d*)\t\1\t\1\t\1$/);
      t.is(fieldOf('CapEff'), '0000000000000000');
      t.is(fieldOf('Groups')?.trim(), '');
    }
  }
});

withKerberosInTurn('a token that comes a second time is a replay', async (t) => {
  const token = await freshToken(kdc.env);
  t.regex(await answerTo(token), /^0501 ?0101/);
  t.is(await answerTo(token), '050101ff');
  t.regex(await daemon.line(/login-failed/), /why=TICKET_REFUSED .*[Rr]eplay/);
  t.true(await isServed(t));
});

withKerberosInTurn('junk, changed and huge tokens are refused, and the next client is served', async (t) => {
  const token = await freshToken(kdc.env);
  const tokens = [
    Buffer.alloc(0),
    Buffer.from('junk'),
    Buffer.alloc(65_535, 0x60),
    Buffer.concat([token.subarray(0, 20), Buffer.alloc(65_000)]),
    token.subarray(0, token.length - 1),
    ...[0, 5, 300, token.length - 2].map((at) => {
      const changed = Buffer.from(token);
      changed[at]! ^= 0x55;
      return changed;
    }),
  ];
  for (const each of tokens) t.is(await answerTo(each), '050101ff');
  t.true(await isServed(t));
});

withKerberosInTurn('tickets that are refused ban their client, and no other', async (t) => {
  for (let time = 0; time < 3; time++) t.is(await answerTo(Buffer.from('junk'), '127.0.0.9'), '050101ff');
  t.regex(await daemon.line(/banned/), /client=127\.0\.0\.9/);
  t.is(await answerTo(Buffer.from('junk'), '127.0.0.9').catch(() => ''), '');
  t.true(await isServed(t));
});

withKerberosInTurn('a ticket for a service of another host is refused by its name', async (t) => {
  t.is(await answerTo(await freshToken(kdc.env, 'other@localhost')), '050101ff');
  t.regex(await daemon.line(/login-failed.*other/), /why=TICKET_REFUSED .*other\/localhost/);
});

withKerberosInTurn('a key of RC4 logs in in the form of NEC, and its wrapped level is refused', async (t) => {
  const env = kdc.login('dave', 'arcfour-hmac aes256-cts');
  const { port, line } = await startDaemon(t, ['--gssapi-keytab', kdc.keytab, '-v', 'debug'], { env });
  const old = { port, level: 2, service: 'old@localhost', target: await echoServer(t) };
  t.like(await gssClient(env, { ...old, nec: true }), { level: 0, same: true });
  t.true((await gssClient(env, old)).refused);
  t.regex(await line(/ refused .*TICKET_REFUSED/), /key is of type 23/);
});

withKerberosInTurn('a message that was changed on its way ends the session', async (t) => {
  for (const level of [1, 2]) {
    const seen = await gssClient(kdc.env, { port: daemon.port, do: 'tamper', level });
    t.like(seen, { level, reset: true });
    t.regex(await daemon.line(/ refused .*PEER_RESET/), /the key does not prove it/);
  }
});

withKerberosInTurn(
  'a token that ends the process reading it is nobody’s guess, and the next one is read',
  async (t) => {
    // The replay cache cannot be written: the kernel ends whoever tries.
    const wrapper = ['prlimit', '--fsize=0'];
    const broken = await startDaemon(t, ['--gssapi-keytab', kdc.keytab, '-v', 'debug'], {
      wrapper,
      env: kdc.env,
    });
    for (let time = 0; time < 2; time++) {
      t.true((await gssClient(kdc.env, { port: broken.port })).refused);
      t.regex(await broken.line(/ refused /), /why=LOGIN_UNAVAILABLE .*(process that read it|too large)/);
    }
  },
);

withKerberosInTurn('a keytab that is missing or empty is told at the start, and by --check', async (t) => {
  const empty = join(temporaryFolder(t), 'empty.keytab');
  writeFileSync(empty, Buffer.of(5, 2));
  for (const [action, file, why] of [
    ['--nofork', '/nowhere/keytab', /keytab \/nowhere\/keytab: tickets cannot be read: .*not found/s],
    ['--check', empty, /tickets cannot be read: .*the keytab has no keys/s],
  ] as const) {
    const args = [action, '--logmode', 'stderr', '--gssapi-keytab', file, '127.0.0.1:0'];
    const { status, stderr } = await runProgram(args, { env: { ...process.env, ...kdc.env } });
    t.is(status, 78, stderr);
    t.regex(stderr, why);
  }
});
