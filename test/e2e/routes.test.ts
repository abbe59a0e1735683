// The built daemon in front of other people's proxies.
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createAuthority } from '../support/certificates.ts';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import type { Wire } from '../support/sockets.ts';
import { startDante, startMicrosocks, startStunnel, startTinyproxy } from '../support/upstreams.ts';

const LOGIN = { user: 'front', password: 'S3cret' };

async function echoes(wire: Wire): Promise<boolean> {
  wire.send('ping');
  const isEcho = (await wire.take(4)).toString() === 'ping';
  wire.socket.destroy();
  return isEcho;
}

test('a chain of Dante, tinyproxy and MicroSOCKS leads to the destination, with logins from a file', async (t) => {
  const folder = temporaryFolder(t);
  const echo = await echoServer(t);
  const [dante, tiny, micro] = [
    await startDante(t),
    await startTinyproxy(t, LOGIN),
    await startMicrosocks(t, LOGIN),
  ];
  const routes = join(folder, 'srelay.conf');
  writeFileSync(
    routes,
    `# the farthest first\n127.0.0.0/255.0.0.0 ${echo} 127.0.0.1 ${dante}/4, 127.0.0.1 ${tiny}/H, 127.0.0.1 ${micro}\n`,
  );
  const auth = join(folder, 'auth');
  const { user, password } = LOGIN;
  writeFileSync(auth, `127.0.0.1/${tiny} ${user} ${password}\n127.0.0.1/${micro} ${user} ${password}\n`, {
    mode: 0o600,
  });
  const daemon = await startDaemon(t, ['--routes', routes, '--proxy-auth', auth]);
  t.true(await echoes(await connectThrough(daemon.port, echo)));
  const ended = await daemon.line(/ ended /);
  t.true(ended.includes(`via=127.0.0.1:${micro},127.0.0.1:${tiny},127.0.0.1:${dante}`), ended);
  t.true(ended.includes(`dialled=127.0.0.1:${echo}`), ended);
});

test('a login that a proxy refuses is in the log with the proxy, and without the password', async (t) => {
  const micro = await startMicrosocks(t, LOGIN);
  const auth = join(temporaryFolder(t), 'auth');
  writeFileSync(auth, `127.0.0.1 front wr0ng\n`, { mode: 0o600 });
  const daemon = await startDaemon(t, ['--route', `* any 127.0.0.1 ${micro}/5`, '--proxy-auth', auth]);
  await t.throwsAsync(connectThrough(daemon.port, 9), { message: 'REP 1' });
  const refused = await daemon.line(/ refused /);
  t.regex(refused, /why=PROXY_LOGIN_FAILED/);
  t.true(refused.includes(`via=127.0.0.1:${micro}`), refused);
  t.true(refused.includes(`proxy 127.0.0.1:${micro}`), refused);
  t.false(refused.includes('wr0ng'));
});

test('a proxy that is gone is told once, and the other one is used', async (t) => {
  const echo = await echoServer(t);
  const micro = await startMicrosocks(t);
  const daemon = await startDaemon(t, ['--route', `* any 127.0.0.9 9 | 127.0.0.1 ${micro}`]);
  t.true(await echoes(await connectThrough(daemon.port, echo)));
  const down = await daemon.line(/ proxy-down /);
  t.true(down.includes('via=127.0.0.9:9 retry=30 why=PROXY_UNREACHABLE'), down);
  t.true(await echoes(await connectThrough(daemon.port, echo)));
});

test('a reload with a broken line leaves the routes as they are, and a whole one replaces them', async (t) => {
  const echo = await echoServer(t);
  const micro = await startMicrosocks(t);
  const routes = join(temporaryFolder(t), 'routes');
  const good = `* any 127.0.0.1 ${micro}\n`;
  writeFileSync(routes, good);
  const daemon = await startDaemon(t, ['--routes', routes]);
  const reload = (text: string): Promise<string> => {
    writeFileSync(routes, text);
    daemon.signal('SIGHUP');
    return daemon.line(/ reloaded | reload-failed /);
  };
  t.regex(await reload(`* any 127.0.0.9 9\n${good}x\n`), /reload-failed/);
  t.true(await echoes(await connectThrough(daemon.port, echo)));
  t.regex(await daemon.line(/ ended /), new RegExp(`via=127\\.0\\.0\\.1:${micro}`));
  t.regex(await reload('127.0.0.0/8 any\n'), / reloaded /);
  t.true(await echoes(await connectThrough(daemon.port, echo)));
  t.notRegex(await daemon.line(/ ended /), /via=/);
});

test('--check names the file and the line of a route that cannot be read', async (t) => {
  const routes = join(temporaryFolder(t), 'routes');
  writeFileSync(routes, '* any\n10.0.0.0/40 any\n');
  const { status, stderr } = await runProgram(['--check', '--routes', routes]);
  t.is(status, 78);
  t.true(stderr.includes(`${routes}:2: route: "10.0.0.0/40" has no mask that can be`), stderr);
});

test('a proxy over TLS is trusted once its CA is in proxy-ca, after a reload at the latest', async (t) => {
  const [ours, strange] = [createAuthority(), createAuthority()];
  const echo = await echoServer(t);
  const tiny = await startTinyproxy(t, LOGIN);
  const stunnel = await startStunnel(t, ours.issue('IP:127.0.0.1'), tiny);
  const folder = temporaryFolder(t);
  const [ca, auth] = [join(folder, 'ca.pem'), join(folder, 'auth')];
  copyFileSync(strange.file, ca);
  writeFileSync(auth, `127.0.0.1 ${LOGIN.user} ${LOGIN.password}\n`, { mode: 0o600 });
  const route = `* any 127.0.0.1 ${stunnel}/HS`;
  const daemon = await startDaemon(t, ['--route', route, '--proxy-auth', auth, '--proxy-ca', ca]);
  await t.throwsAsync(connectThrough(daemon.port, echo), { message: 'REP 1' });
  const refused = await daemon.line(/ refused /);
  t.regex(refused, /why=PROXY_TLS_FAILED/);
  t.regex(refused, /is from a CA that is not trusted here.*proxy-ca/);
  copyFileSync(ours.file, ca);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.true(await echoes(await connectThrough(daemon.port, echo)));
  t.true((await daemon.line(/ ended /)).includes(`via=127.0.0.1:${stunnel}/tls`));
  writeFileSync(ca, 'nothing\n');
  daemon.signal('SIGHUP');
  await daemon.line(/has no certificate in PEM form/);
  t.true(await echoes(await connectThrough(daemon.port, echo)));
});
