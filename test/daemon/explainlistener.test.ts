// --explain about clients of Unix sockets, and about listeners.
import test from 'ava';
import { explain } from '../../src/daemon/ask/explain.ts';
import { parsePasswd } from '../../src/daemon/host/accountusers.ts';
import { configOf, loadFile } from '../support/configuration.ts';

const CONFIG = `
listen = unix:/run/socks,mode=0660
listen = 127.0.0.1:1080
listen = tls:127.0.0.1:1081
network = unix:uid=0
[staff]
network = unix
`;

const ask = (query: string, more = '') =>
  explain(query, {
    config: configOf(loadFile(`${more}${CONFIG}`)),
    users: { byName: new Map([['root', { group: 'staff' }]]) },
  });

test('a client of a Unix socket is asked about by its account and its listener', async (t) => {
  const { text, status } = await ask('listener=unix:/run/socks client=unix:uid=0 connect 127.0.0.1:80');
  t.regex(text, /^a client without login from unix:uid=0 at unix:\/run\/socks, /);
  t.regex(text, /client: allow: unix:uid=0/);
  t.is(status, 0);
  t.is((await ask('client=unix:uid=1 connect 127.0.0.1:80')).status, 1);
  t.is((await ask('client=127.0.0.1 listener=127.0.0.1:1080 connect 127.0.0.1:80')).status, 1);
  const secure = await ask('client=127.0.0.1 listener=tls:127.0.0.1:1081 connect 127.0.0.1:80');
  t.regex(secure.text, /^a client without login from 127\.0\.0\.1 at tls:127\.0\.0\.1:1081, /);
});

test('with unix-user it is the user of its account, in the group of the files', async (t) => {
  const { text } = await ask('client=unix:uid=0 connect 127.0.0.1:80', 'unix-user = yes\n');
  t.regex(text, /^user root of group staff from unix:uid=0/);
  t.regex(text, /login: allow: unix of \[staff\]/);
});

test('a listener that is not there, and a client that does not come by it, are no questions', async (t) => {
  for (const [query, why] of [
    ['listener=unix:/run/other client=unix:uid=0', /listens on unix:\/run\/socks/],
    ['listener=unix:/run/socks client=127.0.0.1', /write client=unix:uid=NUMBER/],
    ['listener=127.0.0.1:1080 client=unix:uid=0', /comes by a Unix socket/],
    ['listener=127.0.0.1:1081 client=127.0.0.1', /listens on .*tls:127\.0\.0\.1:1081/],
  ] as const)
    await t.throwsAsync(ask(`${query} connect 127.0.0.1:80`), { message: why });
});

test('of several names for one uid the first counts, and no line that is none', (t) => {
  const text =
    'root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n+::::::\n:x:3:3::\nbad\nalice:x:1000:1000::/:\n';
  t.deepEqual(
    [...parsePasswd(text)],
    [
      [0, 'root'],
      [1000, 'alice'],
    ],
  );
});
