// Clients that reach the proxy by link-local addresses only, on two links with the same addresses. Root only.
import { fileURLToPath } from 'node:url';
import { type ExecutionContext } from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon } from '../support/daemon.ts';
import { cableNetwork, plugHost, type Ends } from '../support/network.ts';
import { echoAt } from '../support/remoteclient.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';

const CLIENT = fileURLToPath(new URL('../support/linklocalclient.py', import.meta.url));

/** On each link the proxy is fe80::1 and its client fe80::2, nobody tentative; the target is further out. */
const LINK: Ends = [['fe80::1/64 nodad', 'fe80::2/64 nodad']];
const OUT: Ends = [['192.0.2.1/24', '192.0.2.2/24']];
const ECHO_PORT = 7;

async function twoLinks(t: ExecutionContext) {
  const { proxyHost, clientHost } = await cableNetwork(t, LINK);
  const otherHost = await plugHost(t, proxyHost, 'other', LINK);
  await echoAt(t, await plugHost(t, proxyHost, 'out', OUT), ECHO_PORT);
  return { proxyHost, clientHost, otherHost };
}

function useAll(host: readonly string[], port: number): Promise<string> {
  return mustRun([...host, 'python3', CLIENT, 'fe80::1%cable', String(port), '192.0.2.2', String(ECHO_PORT)]);
}

const RULES = ['--request', 'all:fe80::/10', '--request', 'all:*'];

/** REP of each request. A destination has no zone: link-local ones are nowhere, even where a rule allows them. */
const SERVED = '0:tcp 00:fe80::1:fe80::2:bind 0:fe80::1:udp 2 3 4 4\n';

/** What a client with the first address hears from the second: to a greeting, to a request for loopback, and for its neighbour. */
const FROM = `import socket,sys
cable=socket.if_nametoindex('cable')
for place in b'\\1\\x7f\\0\\0\\1', b'\\4'+socket.inet_pton(socket.AF_INET6,'fe80::9'):
  s=socket.socket(socket.AF_INET6); s.settimeout(5); s.bind((sys.argv[1],0,0,cable))
  s.connect((sys.argv[2],1080,0,cable)); s.sendall(b'\\5\\1\\0\\5\\1\\0'+place+b'\\0\\7')
  print(s.recv(2).hex(), s.recv(2).hex(), end=' ')`;

for (const transport of ['engine', 'streams']) {
  asRoot(`${transport}: CONNECT, BIND and UDP ASSOCIATE work by link-local addresses alone`, async (t) => {
    const { proxyHost, clientHost, otherHost } = await twoLinks(t);
    const listen = ['[fe80::1%cable]:1080', '@other:1080'];
    const daemon = await startDaemon(t, ['--transport', transport, ...RULES], { wrapper: proxyHost, listen });
    t.regex(daemon.lines.join('\n'), / listen=.*\[fe80::1%other\]:1080,\[fe80::1%cable\]:1080 /);
    t.deepEqual(await Promise.all([useAll(clientHost, 1080), useAll(otherHost, 1080)]), [SERVED, SERVED]);
    t.regex(await daemon.line(/ cmd=assoc /), / client=\[fe80::2%(cable|other)\]:\d+ /);
    const url = `http://192.0.2.2:${ECHO_PORT}/`;
    const curl = ['curl', '-s', '--max-time', '5', '--proxy', 'socks5h://[fe80::1%25cable]:1080', url];
    // The echo is no server of HTTP: 1 says that it answered with the request.
    t.is((await run([...clientHost, ...curl])).status, 1);
  });

  asRoot(
    `${transport}: who has an address that this host has on another link is not this host`,
    async (t) => {
      const { proxyHost } = await cableNetwork(t, LINK);
      const swapped = await plugHost(t, proxyHost, 'other', [['fe80::9/64 nodad', 'fe80::1/64 nodad']]);
      const args = ['--transport', transport, '--network', '!fe80::2%other', '--network', 'fe80::%other/64'];
      const daemon = await startDaemon(t, args, { wrapper: proxyHost, listen: ['@other:1080'] });
      const ask = async (from: string) =>
        (await run([...swapped, 'python3', '-c', FROM, from, 'fe80::9'])).stdout.trim();
      t.is(await ask('fe80::1'), '0500 0502 0500 0502');
      t.regex(await daemon.line(/ refused /), / client=\[fe80::1%other\]:\d+ .* why=GUARD_DENIED /);
      await mustRun([...swapped, ...'ip address add fe80::2/64 nodad dev cable'.split(' ')]);
      t.is(await ask('fe80::2'), '');
      t.regex(
        await daemon.line(/ why=CLIENT_DENIED /),
        / client=\[fe80::2%other\]:\d+ .*detail="!fe80::2%other /,
      );
    },
  );
}

asRoot('a listen address on an interface that is not there is a failed start that says so', async (t) => {
  const { proxyHost } = await cableNetwork(t, []);
  const start = startDaemon(t, [], { wrapper: proxyHost, listen: ['[fe80::1%nosuch0]:1080'] });
  const failure = await t.throwsAsync(start);
  t.regex(failure.message, /cannot listen on \[fe80::1%nosuch0\]:1080: no interface "nosuch0"/);
});
