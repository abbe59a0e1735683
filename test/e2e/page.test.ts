// page: what it shows and to whom, hostile names, and the same in a real browser.
import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { escapeHtml, pageHtml, type Picture } from '../../src/daemon/web/pagehtml.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { needing } from '../support/needing.ts';
import { crowd } from '../support/pagepicture.ts';
import { pis5ctl } from '../support/pis5ctl.ts';
import { dialWire, freePort } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';

const withChromium = needing('chromium', spawnSync('chromium', ['--version']).status === 0, test.serial);
const HOSTILE = `<img src=x onerror="document.title='taken'">&"'`;

interface Shown {
  readonly daemon: Daemon;
  readonly at: number;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
}

async function shown(t: ExecutionContext, page: string, args: readonly string[] = []): Promise<Shown> {
  const at = await freePort();
  const daemon = await startDaemon(t, ['--metrics', String(at), '--page', page, ...args]);
  return { daemon, at, get: (path, headers = {}) => fetch(`http://127.0.0.1:${at}${path}`, { headers }) };
}

/** A session of SOCKS4 whose user id is markup, and which has moved `bytes`. */
async function holdHostile(t: ExecutionContext, port: number, bytes: number): Promise<void> {
  const echo = await echoServer(t);
  const wire = await dialWire(port);
  wire.send(Uint8Array.of(4, 1, echo >> 8, echo & 255, 127, 0, 0, 1));
  wire.send(`${HOSTILE}\0`);
  await wire.take(8);
  wire.send('x'.repeat(bytes));
  await wire.take(bytes);
}

test('without script it is a table, and names of clients are text in it', async (t) => {
  const { daemon, get } = await shown(t, 'anybody');
  await holdHostile(t, daemon.port, 777);
  const page = await get('/');
  t.is(page.status, 200);
  const html = await page.text();
  t.true(html.includes(`<td>(${escapeHtml(HOSTILE)})</td>`), html);
  t.false(html.includes('<img'));
  t.regex(html, /<td>777<\/td><td>777<\/td><\/tr>/);
  const policy = page.headers.get('content-security-policy') ?? '';
  t.regex(policy, /default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
  t.notRegex(policy, /unsafe/);
  t.notRegex(html, /https?:\/\/|<script>|style="| on\w+=["']?\w/i);
  for (const path of ['/page.js', '/page.css', '/uplot.js', '/uplot.css', '/page.json'])
    t.is((await get(path)).status, 200, path);
  t.is((await get('/page.html')).status, 404);
  t.is((await fetch(page.url, { method: 'POST' })).status, 405);
  const picture = (await (await get('/page.json')).json()) as Picture;
  t.like(picture, { matching: 1, status: { live: 1 } });
  t.is(picture.sessions[0]?.userid, HOSTILE);
  // Its numbers move.
  await holdHostile(t, daemon.port, 1001);
  for (let moved = 0; moved !== 1778; await new Promise((settle) => setTimeout(settle, 100)))
    moved = ((await (await get('/page.json')).json()) as Picture).status.totals.bytesDown;
});

test('with a file its users log in, wrong passwords do not, and /metrics and /ready need none', async (t) => {
  const users = join(temporaryFolder(t), 'viewers');
  // htpasswd -nbs boss secret
  writeFileSync(users, 'boss:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n');
  const { get } = await shown(t, users);
  const as = (login: string): Record<string, string> => ({ authorization: `Basic ${btoa(login)}` });
  for (const path of ['/', '/page.json', '/page.js']) {
    const refused = await get(path);
    t.is(refused.status, 401, path);
    t.regex(refused.headers.get('www-authenticate') ?? '', /^Basic realm/);
  }
  t.is((await get('/', as('boss:wrong'))).status, 401);
  t.is((await get('/', as('nobody:secret'))).status, 401);
  t.is((await get('/', { authorization: 'Bearer x' })).status, 401);
  t.is((await get('/', as('boss:secret'))).status, 200);
  t.deepEqual([(await get('/metrics')).status, (await get('/ready')).status], [200, 200]);
});

test('attack: a name of the web that leads here gets no page, and none is served over a network', async (t) => {
  const { at } = await shown(t, 'anybody');
  for (const [host, status] of [
    ['evil.example', '403'],
    [`evil.example:${at}`, '403'],
    ['127.0.0.1.evil.example', '403'],
    ['', '403'],
    [`localhost:${at}`, '200'],
    ['[::1]', '200'],
  ]) {
    const wire = await dialWire(at);
    wire.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    t.is((await wire.rest()).toString().split(' ')[1], status, host);
  }
  for (const [args, message] of [
    [
      ['--metrics', '192.0.2.1:9180', '--page', 'anybody'],
      /page: metrics = 192\.0\.2\.1 is reached over a network/,
    ],
    [['--page', 'anybody'], /page: is a part of metrics, which is not set/],
    [['--metrics', '9180', '--page', '/nowhere'], /page: .*\/nowhere/],
  ] as const)
    await t.throwsAsync(startDaemon(t, args), { message });
});

/** Lets scripts run for so long by a clock of their own, and then shows what there is. */
const VIRTUAL = '--virtual-time-budget=6500';

/** The output of one visit. */
async function inChromium(t: ExecutionContext, url: string, more: readonly string[] = []): Promise<string> {
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-extensions'];
  const folder = `--user-data-dir=${temporaryFolder(t)}`;
  const { stdout } = await promisify(execFile)('chromium', [...args, folder, ...more, url], {
    maxBuffer: 64 * 1024 * 1024,
    timeout: 90_000,
  });
  return stdout;
}

withChromium(
  'in a browser numbers, sessions and bans appear, a name is text, and nothing else is asked for',
  async (t) => {
    const control = join(temporaryFolder(t), 'control');
    const { daemon, at } = await shown(t, 'anybody', ['--control', control]);
    await holdHostile(t, daemon.port, 777);
    t.is((await pis5ctl('--control', control, 'ban', '192.0.2.77')).status, 0);
    const html = await inChromium(t, `http://127.0.0.1:${at}/`, [VIRTUAL, '--dump-dom']);
    t.regex(html, /<html[^>]* class="live"/);
    t.regex(html, /data-update-ms="[\d.]+"/);
    t.false(html.includes('<img'));
    t.regex(html, /<title>picosocks5<\/title>/);
    t.regex(html, /<td>777 B<\/td><td>777 B<\/td><\/tr>/);
    t.true(html.includes('<td>(&lt;img src=x'), html);
    t.is(html.split('<canvas').length - 1, 3);
    t.regex(html, /<td>client<\/td><td>192\.0\.2\.77<\/td>/);
    const picture = process.env['PICOSOCKS5_TEST_PICTURE'];
    if (picture !== undefined)
      await inChromium(t, `http://127.0.0.1:${at}/`, [
        VIRTUAL,
        `--screenshot=${picture}`,
        '--window-size=1200,1000',
      ]);
  },
);

withChromium('five thousand sessions are shown in less than 50 ms of script', async (t) => {
  // An image that comes with the third update: until then the page is not loaded whole, and not dumped.
  const html = pageHtml(crowd(0)).replace('</body>', '<img src="/last.png"></body>');
  const files: Record<string, string> = {
    '/page.js': 'dist/program/page/page.js',
    '/uplot.js': 'dist/program/page/uplot.js',
  };
  let asked = 0;
  let last = (): void => undefined;
  const server = createServer(({ url = '' }, response) => {
    const file = files[url];
    if (url === '/last.png') last = () => response.end();
    else if (url === '/') response.setHeader('Content-Type', 'text/html').end(html);
    else
      response.end(
        url === '/page.json'
          ? JSON.stringify(crowd(5000, asked))
          : file === undefined
            ? ''
            : readFileSync(file),
      );
    if (url === '/page.json' && ++asked === 4) last();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const dom = await inChromium(t, url, ['--dump-dom']);
  const best = Number(/data-best-ms="([\d.]+)"/.exec(dom)?.[1]);
  t.log(`${best} ms`);
  t.true(best > 0 && best < 50, String(best));
  t.regex(dom, /200 of 5000 shown, 5000 live/);
});
