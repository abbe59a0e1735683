// Requests for URLs, from a client of HTTP through a session to a web server, over each transport. The servers say exactly what a test
// wants, and show what reached them.
import test from 'ava';
import { policy, section } from '../support/policy.ts';
import { onlyUser, startServerFor } from '../support/server.ts';
import { transports } from '../support/transports.ts';
import { web, dial, lines, get, HELLO } from '../support/session/websites.ts';

/** Via names this process. */
const plain = (text: string): string => text.replace(/picosocks5-[0-9a-f]{8}/g, 'US');

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: what concerns one connection stays behind, credentials for us first of all`, async (t) => {
    const server = await startServerFor(t, transport, {
      http: {},
      policy: policy({ hasUsers: true }),
      checkLogin: onlyUser('alice', 'secret'),
    });
    const there = await web(t, [
      `${lines('HTTP/1.1 200 Fine', 'Connection: X-Hop', 'X-Hop: 1', 'Keep-Alive: 5', 'X-Kept: 2', 'Content-Length: 5')}hello`,
    ]);
    const wire = await dial(t, server);
    const login = `Proxy-Authorization: Basic ${Buffer.from('alice:secret').toString('base64')}`;
    wire.send(
      get(
        there.port,
        login,
        'Connection: X-Mine, host',
        'X-Mine: 1',
        'Proxy-Connection: close',
        'TE: gzip',
        'Upgrade: x',
        'X-Ours: 2',
      ),
    );
    t.is(
      plain((await wire.rest()).toString()),
      `${lines('HTTP/1.1 200 Fine', 'X-Kept: 2', 'Content-Length: 5', 'Via: 1.1 US', 'Connection: close')}hello`,
    );
    const told = [
      'GET /a?b HTTP/1.1',
      `Host: 127.0.0.1:${there.port}`,
      'X-Ours: 2',
      'Via: 1.1 US',
      'Connection: close',
    ];
    t.is(plain(there.heard[0]!), lines(...told));
    const ended = await server.event('ended');
    t.like(ended, { endedBy: 'answered', session: { command: 'connect', version: 'http' } });
    t.like(ended.session.identity, { kind: 'user', name: 'alice' });
  });

  test(`${name}: each request on a connection is a session, with rules and login of its own`, async (t) => {
    const there = await web(t, [HELLO, HELLO]);
    const denied = await web(t, [HELLO]);
    const server = await startServerFor(t, transport, {
      http: {},
      policy: policy({ rules: section('', { request: `!connect:127.0.0.1:${denied.port} connect:*` }) }),
    });
    const wire = await dial(t, server);
    // Sent ahead of each other, as apt does.
    wire.send(get(there.port) + get(there.port) + get(denied.port));
    const text = plain((await wire.rest()).toString());
    const hello = `${lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Via: 1.1 US')}hello`;
    t.true(text.startsWith(`${hello}${hello}HTTP/1.1 403 `), text);
    t.deepEqual([there.heard.length, denied.heard.length], [2, 0]);
    await server.event('refused');
    t.deepEqual(
      server.events.map(({ kind }) => kind),
      ['accepted', 'connected', 'ended', 'accepted', 'connected', 'ended', 'accepted', 'refused'],
    );
  });

  test(`${name}: a body of chunks is put into chunks of our own, both ways`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const chunks = '5;x=y\r\nhello\r\n00\r\nTrailer: dropped\r\n\r\n';
    const there = await web(
      t,
      [lines('HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked') + chunks],
      '0\r\n\r\n',
    );
    const wire = await dial(t, server);
    wire.send(
      lines(
        `POST http://127.0.0.1:${there.port} HTTP/1.1`,
        'Host: a',
        'Transfer-Encoding: chunked',
        'Proxy-Connection: close',
      ),
    );
    for (const byte of chunks) {
      wire.send(byte);
      await new Promise(setImmediate);
    }
    const told = plain((await wire.rest()).toString());
    t.is(
      told,
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Via: 1.1 US', 'Connection: close')}5\r\nhello\r\n0\r\n\r\n`,
    );
    const [head = '', body = ''] = there.heard[0]!.split(/\r\n\r\n([^]*)/);
    t.regex(head, /^POST \/ HTTP\/1\.1\r\n[^]*Transfer-Encoding: chunked/);
    t.is(body.replaceAll(/[1-5]\r\n([helo]+)\r\n/g, '$1'), 'hello0\r\n\r\n');
  });

  test(`${name}: an answer without a length ends with its connection; HTTP/1.0 gets no chunks`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const there = await web(t, [
      `${lines('HTTP/1.0 200 OK')}until the end`,
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
    ]);
    const first = await dial(t, server);
    first.send(get(there.port));
    t.is(
      plain((await first.rest()).toString()),
      `${lines('HTTP/1.1 200 OK', 'Via: 1.0 US', 'Connection: close')}until the end`,
    );
    const second = await dial(t, server);
    second.send(lines(`GET http://127.0.0.1:${there.port}/ HTTP/1.0`));
    t.is(
      plain((await second.rest()).toString()),
      `${lines('HTTP/1.1 200 OK', 'Via: 1.1 US', 'Connection: close')}abc`,
    );
  });

  test(`${name}: 100 Continue comes to the client before it sends its body`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const there = await web(t, [`${lines('HTTP/1.1 100 Continue')}${HELLO}`]);
    const wire = await dial(t, server);
    wire.send(
      lines(
        `PUT http://127.0.0.1:${there.port}/ HTTP/1.1`,
        'Host: a',
        'Expect: 100-continue',
        'Content-Length: 3',
      ),
    );
    const text = plain((await wire.rest()).toString());
    // The body has not been sent, so nobody knows where the next request would begin.
    t.is(
      text,
      lines('HTTP/1.1 100 Continue', 'Via: 1.1 US') +
        `${lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Via: 1.1 US', 'Connection: close')}hello`,
    );
    t.regex(there.heard[0]!, /Expect: 100-continue\r\n/);
  });

  const bad: readonly (readonly [what: string, answer: string])[] = [
    ['nothing', ''],
    ['another protocol', 'SSH-2.0-x\r\n'],
    ['two lengths', `${lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6')}hello`],
    [
      'chunks and a length',
      `${lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    ['a switch of protocols', lines('HTTP/1.1 101 Switching Protocols', 'Upgrade: x')],
    [
      'the question for a login at a proxy',
      lines('HTTP/1.1 407 x', 'Proxy-Authenticate: Basic', 'Content-Length: 0'),
    ],
    ['a folded field', lines('HTTP/1.1 200 OK', 'X: a', ' b')],
  ];

  for (const [what, said] of bad) {
    test(`${name}: a server that answers with ${what} is a bad gateway`, async (t) => {
      const server = await startServerFor(t, transport, { http: {} });
      const there = await web(t, [said]);
      const wire = await dial(t, server);
      wire.send(get(there.port));
      t.regex((await wire.rest()).toString(), /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*Connection: close\r\n/);
      const ended = await server.event('ended');
      t.like(ended, { endedBy: 'target-fin', fault: { code: 'MESSAGE_MALFORMED' } });
    });
  }
}
