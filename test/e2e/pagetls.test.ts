// metrics = tls:...: the page and the metrics over a network, for users who log in, and what strangers can do there.
import { once } from 'node:events';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run, type Finished } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { needing } from '../support/needing.ts';
import { dialWire, freePort } from '../support/sockets.ts';
import { dialTls, tlsPlace, type TlsPlace } from '../support/tlsdoor.ts';

const withPrometheus = needing('prometheus', spawnSync('prometheus', ['--version']).status === 0);

/** htpasswd -nbs boss secret */
const BOSS = 'boss:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n';
/** As if the clients of this test came from elsewhere. */
const COUNTED = 'ban-allow = 192.0.2.1\n';

interface Shown extends TlsPlace {
  readonly daemon: Daemon;
  readonly at: number;
  readonly text: string;
  /** curl, which knows the certificate. */
  readonly curl: (path: string, ...more: readonly string[]) => Promise<Finished>;
  /** The status of an answer; '000' where there is none. */
  readonly statusOf: (path: string, ...more: readonly string[]) => Promise<string>;
}

async function shown(t: ExecutionContext, more = ''): Promise<Shown> {
  const place = tlsPlace(t);
  const at = await freePort();
  const viewers = join(place.folder, 'viewers');
  writeFileSync(viewers, BOSS);
  const text = `metrics = tls:127.0.0.1:${at}\npage = ${viewers}\n${more}`;
  place.write(text);
  const daemon = await startDaemon(t, ['-c', place.config]);
  const curl: Shown['curl'] = (path, ...options) =>
    run([
      'curl',
      ...['-sS', '--max-time', '20', '--cacert', place.authority.file, ...options],
      `https://127.0.0.1:${at}${path}`,
    ]);
  const statusOf: Shown['statusOf'] = async (path, ...options) =>
    (await curl(path, '-o', '/dev/null', '-w', '%{http_code}', ...options)).stdout;
  return { ...place, daemon, at, text, curl, statusOf };
}

test('over TLS users see the page and the metrics, nobody else does, and /ready is for all', async (t) => {
  const { daemon, at, curl, statusOf } = await shown(t);
  for (const path of ['/', '/page.json', '/metrics']) t.is(await statusOf(path), '401', path);
  t.is(await statusOf('/ready'), '200');
  const page = await curl('/', '-u', 'boss:secret');
  t.regex(page.stdout, /<title>picosocks5<\/title>/);
  t.regex((await curl('/metrics', '-u', 'boss:secret')).stdout, /^picosocks5_ready 1$/m);
  t.is(await statusOf('/metrics', '-u', 'boss:wrong'), '401');
  // In clear there is nothing.
  const wire = await dialWire(at);
  wire.send('GET /metrics HTTP/1.1\r\n\r\n');
  await wire.ending();
  await daemon.line(/turned-away client=\S+ count=\d+ why=WRONG_DOOR /);
  await daemon.line(/login-failed client=127\.0\.0\.1:\d+ why=LOGIN_FAILED at=metrics user=boss /);
});

test('a reload renews its certificate', async (t) => {
  const { daemon, authority, renew, statusOf, at } = await shown(t);
  t.is(await statusOf('/ready'), '200');
  renew(authority.issue('DNS:renewed.test'));
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  const certificateOf = async (): Promise<string> =>
    (await dialTls(t, at, { servername: 'renewed.test' })).getPeerCertificate().subjectaltname ?? '';
  t.is(await certificateOf(), 'DNS:renewed.test');
});

test('attack: who guesses is told to wait, then banned, and its guesses lock no user of the proxy', async (t) => {
  const { daemon, statusOf } = await shown(t, `${COUNTED}ban-after = 8\nban-window = 1h\n`);
  const guesses = await Promise.all(Array.from({ length: 7 }, (_, at) => statusOf('/', '-u', `boss:${at}`)));
  t.deepEqual([...new Set(guesses)], ['401']);
  t.is(await statusOf('/', '-u', 'boss:secret'), '200');
  t.is(await statusOf('/', '-u', 'boss:8'), '401');
  await daemon.line(/ banned client=127\.0\.0\.1 /);
  t.is(await statusOf('/ready'), '000');
  await daemon.line(/ turned-away client=\S+ count=\d+ why=CLIENT_BANNED /);
  t.false(daemon.lines.some((line) => line.includes('banned user=')));
});

test('attack: without bans a client has ten wrong passwords a minute', async (t) => {
  const { statusOf } = await shown(t, `${COUNTED}ban-after = 0\n`);
  const answers = await Promise.all(
    Array.from({ length: 14 }, (_, at) => statusOf('/metrics', '-u', `boss:${at}`)),
  );
  t.deepEqual(answers.sort(), [...Array<string>(10).fill('401'), ...Array<string>(4).fill('429')]);
  t.is(await statusOf('/ready'), '200');
});

test('attack: junk, silence and halves of TLS keep nobody from it', async (t) => {
  const { daemon, at, statusOf } = await shown(t);
  for (let count = 0; count < 80; count++) {
    const wire = await dialWire(at);
    if (count % 4 === 0) wire.send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    else if (count % 4 === 1) wire.send(Uint8Array.of(0x16, 3, 1, 0, 5, 255, 255, 255, 255, 255));
    else if (count % 4 === 2) wire.send('\x05\x01\x00');
  }
  t.is(await statusOf('/ready'), '200');
  const asking = await dialTls(t, at);
  asking.on('error', () => undefined);
  asking.write(`GET / HTTP/1.1\r\nAuthorization: Basic ${'x'.repeat(9000)}`);
  const [answer] = (await once(asking, 'data')) as [Buffer];
  t.regex(answer.toString(), /^HTTP\/1\.1 400 /);
  for (const login of ['boss', `${'x'.repeat(300)}:y`, ':', 'boss:', 'bo\0ss:secret'])
    t.is(
      await statusOf('/', '-H', `Authorization: Basic ${Buffer.from(login).toString('base64')}`),
      '401',
      login,
    );
  t.is(await statusOf('/', '-u', 'boss:secret'), '200');
  t.false(daemon.lines.some((line) => / (?:err|bug) /.test(line)));
});

withPrometheus('Prometheus scrapes it with a password over TLS', async (t) => {
  const { at, authority, folder } = await shown(t);
  const port = await freePort();
  const scrape =
    `{job_name: picosocks5, scheme: https, basic_auth: {username: boss, password: secret}, ` +
    `tls_config: {ca_file: ${authority.file}}, static_configs: [{targets: ['127.0.0.1:${at}']}]}`;
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    `global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs: [${scrape}]\n`,
  );
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${temporaryFolder(t)}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  t.teardown(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const query = `http://127.0.0.1:${port}/api/v1/query?query=picosocks5_ready`;
  const until = Date.now() + 60_000;
  for (;;) {
    const asked = await fetch(query).then(
      (answer) => answer.text(),
      () => '',
    );
    if (/"value":\[[\d.]+,"1"\]/.test(asked)) break;
    if (Date.now() > until) throw new Error(`not scraped: ${asked}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.pass();
});

test('without users or a certificate it does not start, and --check says so as well', async (t) => {
  const { config, write, folder } = tlsPlace(t);
  const viewers = join(folder, 'viewers');
  writeFileSync(viewers, '# nobody\n');
  const cases: readonly (readonly [text: string, message: RegExp])[] = [
    [
      'metrics = tls:0.0.0.0:9180\n',
      /metrics = tls:0\.0\.0\.0:9180 is for users who log in.*set page = FILE/,
    ],
    ['metrics = tls:9180\npage = anybody\n', /metrics = tls:127\.0\.0\.1:9180 is for users who log in/],
    [
      'metrics = 192.0.2.1:9180\npage = anybody\n',
      /is reached over a network.*write metrics = tls:192\.0\.2\.1:9180/,
    ],
    ['workers = 2\nmetrics = tls:9180\n', /does not go together with workers yet/],
    ['metrics = tls:/run/x\n', /a Unix socket needs no TLS/],
    [`metrics = tls:9180\npage = ${viewers}\n`, /page: .*has no user with a password/],
  ];
  for (const [text, message] of cases) {
    write(text);
    await t.throwsAsync(startDaemon(t, ['-c', config]), { message }, text);
    await t.throwsAsync(startDaemon(t, ['-c', config, '--check']), { message }, text);
  }
  writeFileSync(config, `metrics = tls:9180\npage = ${viewers}\n`);
  await t.throwsAsync(startDaemon(t, ['-c', config]), {
    message: /metrics = tls:\.\.\. needs a certificate: set tls-cert/,
  });
});
