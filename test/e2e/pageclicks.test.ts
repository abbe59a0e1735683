// The page under the mouse, in a real browser: titles sort, the field filters, workers have their table, and colours follow the scheme.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { pageHtml, type Picture } from '../../src/daemon/web/pagehtml.ts';
import { openPage, type BrowserPage } from '../support/chromium.ts';
import { needing } from '../support/needing.ts';
import { crowd } from '../support/pagepicture.ts';

const withChromium = needing('chromium', spawnSync('chromium', ['--version']).status === 0, test.serial);

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };

/** A server that shows `picture` as a daemon does, with the files of the build. */
async function serve(t: ExecutionContext, picture: Picture): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    if (url === '/') response.setHeader('Content-Type', 'text/html').end(pageHtml(picture));
    else if (url === '/page.json') response.end(JSON.stringify(picture));
    else
      response
        .setHeader('Content-Type', TYPES[url.split('.')[1] ?? ''] ?? 'text/plain')
        .end(readFileSync(`dist/program/page${url}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** The texts of one column, from the top. */
const column = (page: BrowserPage, at: number): Promise<string[]> =>
  page.value(`[...document.querySelectorAll('#rows tr')].map((row) => row.children[${at}].textContent)`);

withChromium(
  'a click on a title sorts by it, a second one turns it round, and the field filters',
  async (t) => {
    const picture = crowd(30);
    const page = await openPage(
      t,
      await serve(t, { ...picture, status: { ...picture.status, workers: WORKERS } }),
    );
    await page.until('document.documentElement.dataset.updateMs !== undefined');
    const [id, user] = [0, 2];
    await page.click('th[data-key="id"] button');
    t.deepEqual((await column(page, id)).slice(0, 3), ['29', '28', '27']);
    t.is(await page.value("document.querySelector('th[data-key=id]').ariaSort"), 'descending');
    await page.click('th[data-key="id"] button');
    t.deepEqual((await column(page, id)).slice(0, 3), ['0', '1', '2']);
    await page.click('th[data-key="user"] button');
    t.deepEqual((await column(page, user)).slice(0, 3), ['user0', 'user1', 'user10']);
    await page.click('#filter');
    await page.type('HOST2');
    t.deepEqual((await column(page, id)).length, 11);
    t.is(await page.value("document.querySelector('#shown').textContent"), '11 of 11 shown, 30 live');
    await page.type('x');
    t.deepEqual(await column(page, id), []);
    // What is filtered and sorted stays so with the next numbers.
    await page.value("document.documentElement.dataset.updateMs = ''");
    await page.until("document.documentElement.dataset.updateMs !== ''");
    t.deepEqual(await column(page, id), []);
    t.deepEqual(
      await page.value("[...document.querySelectorAll('#workers td')].map((cell) => cell.textContent)"),
      ['worker 1', 'pid 71', '3 sessions', '41 MB', 'worker 2', 'being replaced', '0 sessions', '0 B'],
    );
  },
);

const WORKERS = [
  { worker: 1, pid: 71, live: 3, memoryBytes: 41_000_000 },
  { worker: 2, pid: undefined, live: 0, memoryBytes: undefined },
];

/** Whether a plot has a point of that colour. */
const drawnIn = (...rgb: readonly number[]): string => `(() => {
  const { data } = ((c) => c.getContext('2d').getImageData(0, 0, c.width, c.height))(document.querySelector('canvas'));
  for (let at = 0; at < data.length; at += 4)
    if (data[at] === ${rgb[0]} && data[at + 1] === ${rgb[1]} && data[at + 2] === ${rgb[2]}) return true;
  return false;
})()`;

withChromium('plots and paper follow the colour scheme, also when it changes', async (t) => {
  const page = await openPage(t, await serve(t, crowd(3)));
  await page.until('document.documentElement.dataset.updateMs !== undefined');
  const colours = () =>
    page.value<string[]>(
      '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
    );
  const light = await colours();
  await page.until(drawnIn(31, 111, 235));
  const lightPicture = await page.picture();
  await page.prefer('dark');
  const dark = await colours();
  t.deepEqual(
    [light, dark],
    [
      ['rgb(246, 247, 249)', 'rgb(29, 36, 48)'],
      ['rgb(18, 21, 26)', 'rgb(230, 233, 238)'],
    ],
  );
  await page.until(drawnIn(110, 168, 254));
  const marker =
    "getComputedStyle(document.querySelector('.u-legend .u-series:nth-child(2) .u-marker')).borderColor";
  t.is(await page.value(marker), 'rgb(110, 168, 254)');
  const folder = process.env['PICOSOCKS5_TEST_PICTURES'];
  if (folder === undefined) return;
  writeFileSync(`${folder}/light.png`, lightPicture);
  writeFileSync(`${folder}/dark.png`, await page.picture());
});
