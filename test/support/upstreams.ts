// Other people's proxies on loopback, and servers that say what a test wants them to say.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { Hop, HopProtocol } from '../../src/config/model/config.ts';
import type { Identity } from './certificates.ts';
import { temporaryFolder } from './daemon.ts';
import { freePort, dialWire, listenTarget, type Wire } from './sockets.ts';
import type { Login } from './socks.ts';

export function hop(protocol: HopProtocol, port: number, host = '127.0.0.1'): Hop {
  return { protocol, cover: 'plain', host, port };
}

/** SOCKS5 with or without a login; names are looked up by the system. The port. */
export function startMicrosocks(t: ExecutionContext, login?: Login): Promise<number> {
  return microsocksWith(t, login === undefined ? [] : ['-u', login.user, '-P', login.password]);
}

/** The same with any options. */
export function microsocksWith(t: ExecutionContext, args: readonly string[]): Promise<number> {
  return startProxy(t, (port) => ['microsocks', '-i', '127.0.0.1', '-p', `${port}`, ...args]);
}

/** What Dante lets pass where a test has no rules of its own. */
const ALL_PASS = [
  'client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }',
  'socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 command: connect bind udpassociate bindreply udpreply }',
];

/** SOCKS4 and 5 without a login: CONNECT, BIND and UDP ASSOCIATE from loopback to loopback. The port. */
export function startDante(t: ExecutionContext, rules: readonly string[] = ALL_PASS): Promise<number> {
  const file = join(temporaryFolder(t), 'danted.conf');
  return startProxy(t, (port) => {
    const lines = [
      'errorlog: /dev/null',
      `internal: 127.0.0.1 port = ${port}`,
      'external: 127.0.0.1',
      'clientmethod: none',
      'socksmethod: none',
      'user.privileged: root',
      'user.unprivileged: nobody',
      ...rules,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['danted', '-f', file];
  });
}

/** HTTP CONNECT, with Basic where there is a login. The port. */
export function startTinyproxy(
  t: ExecutionContext,
  login?: Login,
  rules: readonly string[] = [],
): Promise<number> {
  const file = join(temporaryFolder(t), 'tinyproxy.conf');
  const basic = login === undefined ? [] : [`BasicAuth ${login.user} ${login.password}`];
  return startProxy(t, (port) => {
    const lines = ['Listen 127.0.0.1', `Port ${port}`, 'Timeout 20', 'LogLevel Critical', ...basic, ...rules];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['tinyproxy', '-d', '-c', file];
  });
}

/** TLS in front of the proxy at `port`. The port. */
export function startStunnel(
  t: ExecutionContext,
  { certFile, keyFile }: Identity,
  port: number,
): Promise<number> {
  return stunnelWith(t, port, [`cert = ${certFile}`, `key = ${keyFile}`]);
}

/** Its other end: what comes in clear goes on in TLS to `port`, where a certificate of `ca` for `name` must be. The port. */
export function startStunnelClient(
  t: ExecutionContext,
  port: number,
  { ca, name, shown }: { readonly ca: string; readonly name: string; readonly shown?: Identity },
): Promise<number> {
  const own = shown === undefined ? [] : [`cert = ${shown.certFile}`, `key = ${shown.keyFile}`];
  const trust = [`CAfile = ${ca}`, 'verifyChain = yes', `checkHost = ${name}`, `sni = ${name}`];
  return stunnelWith(t, port, ['client = yes', ...trust, ...own]);
}

function stunnelWith(t: ExecutionContext, port: number, settings: readonly string[]): Promise<number> {
  const file = join(temporaryFolder(t), 'stunnel.conf');
  return startProxy(t, (own) => {
    const ends = [`accept = 127.0.0.1:${own}`, `connect = 127.0.0.1:${port}`];
    const lines = ['foreground = yes', 'pid =', 'debug = err', '[proxy]', ...ends, ...settings];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['stunnel4', file];
  });
}

/**
 * What a scripted server does with each connection: a number takes that many bytes, `head` takes up to a blank line, text
 * in hex is sent, `fin` and `reset` end the stream, and with nothing of these it stays open.
 */
export type Step = number | string;

export interface ScriptedServer {
  readonly port: number;
  /** What it has taken, connection by connection, in hex. */
  readonly taken: readonly string[];
  /** Settles once it has played as many scripts. */
  readonly played: (scripts: number) => Promise<void>;
}

/** Plays the first script with its first connection, and so on; the last one with all that follow. */
export async function scriptedServer(
  t: ExecutionContext,
  ...scripts: readonly (readonly Step[])[]
): Promise<ScriptedServer> {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const taken: string[] = [];
  let done = 0;
  const wakers = new Set<() => void>();
  const serve = async (): Promise<void> => {
    for (let at = 0; ; at++) {
      const wire = await target.accept();
      taken.push('');
      for (const step of scripts[Math.min(at, scripts.length - 1)] ?? []) {
        // Whoever leaves in the middle of a script has heard enough.
        taken[at] = `${taken[at] ?? ''}${await play(wire, step).catch(() => '')}`;
      }
      done += 1;
      for (const wake of wakers) wake();
    }
  };
  void serve();
  return {
    port: target.port,
    taken,
    played: async (count) => {
      while (done < count) await new Promise<void>((resolve) => wakers.add(resolve));
    },
  };
}

async function play(wire: Wire, step: Step): Promise<string> {
  if (typeof step === 'number') return (await wire.take(step)).toString('hex');
  switch (step) {
    case 'head': {
      let head = '';
      while (!head.endsWith('\r\n\r\n')) head += (await wire.take(1)).toString();
      return Buffer.from(head).toString('hex');
    }
    case 'fin':
      wire.socket.end();
      return '';
    case 'reset':
      wire.socket.resetAndDestroy();
      return '';
    default:
      wire.send(Buffer.from(step, 'hex'));
      return '';
  }
}

/** Starts a program that says nowhere that it listens, on a free port; ends it with the test. */
async function startProxy(
  t: ExecutionContext,
  commandFor: (port: number) => readonly string[],
): Promise<number> {
  const port = await freePort();
  const [program = '', ...args] = commandFor(port);
  const child = spawn(program, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  for (;;) {
    const wire = await dialWire(port).catch(() => undefined);
    if (wire !== undefined) {
      wire.socket.destroy();
      return port;
    }
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    await delay(20);
  }
}
