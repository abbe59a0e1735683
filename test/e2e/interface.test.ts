// Listening where an address comes after the start, or is not there yet. Root only.
import test from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { runProgram, startDaemon } from '../support/daemon.ts';
import { cableNetwork } from '../support/network.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';

/** Says the greeting of SOCKS5 from the host of the client; what comes back. */
async function greet(host: readonly string[], address: string, port: number): Promise<string> {
  const script = `import socket,sys
s=socket.create_connection((sys.argv[1],int(sys.argv[2])),5); s.sendall(b'\\5\\1\\0'); print(s.recv(2).hex())`;
  return (await run([...host, 'python3', '-c', script, address, String(port)])).stdout.trim();
}

for (const transport of ['engine', 'streams']) {
  asRoot(
    `${transport}: an interface is followed from before it has an address until it has none`,
    async (t) => {
      const { proxyHost, clientHost } = await cableNetwork(t, []);
      await mustRun([...clientHost, ...'ip address add 192.0.2.2/24 dev cable'.split(' ')]);
      // It has a link-local one by itself.
      await mustRun([...proxyHost, ...'ip link set cable addrgenmode none'.split(' ')]);
      await mustRun([...proxyHost, ...'ip address flush dev cable'.split(' ')]);
      const args = ['--transport', transport, '--network', '*'];
      const daemon = await startDaemon(t, args, { wrapper: proxyHost, listen: ['@cable:1080'] });
      t.regex(await daemon.line(/ listen /), /interface=cable .*@cable has no address now/);
      const address = (what: string) =>
        mustRun([...proxyHost, ...`ip address ${what} 192.0.2.1/24 dev cable`.split(' ')]);
      await address('add');
      await daemon.line(/ listen opened=192\.0\.2\.1:1080/);
      t.is(await greet(clientHost, '192.0.2.1', 1080), '0500');
      await address('del');
      t.regex(await daemon.line(/ listen closed=/), /closed=192\.0\.2\.1:1080 /);
    },
  );

  asRoot(`${transport}: an IPv6 address that is still tentative is waited for`, async (t) => {
    const { proxyHost, clientHost } = await cableNetwork(t, []);
    await mustRun([...clientHost, ...'ip address add 2001:db8::2/64 dev cable nodad'.split(' ')]);
    await mustRun([...proxyHost, ...'ip address add 2001:db8::1/64 dev cable'.split(' ')]);
    const args = ['--transport', transport, '--network', '*'];
    const daemon = await startDaemon(t, args, { wrapper: proxyHost, listen: ['[2001:db8::1]:1080'] });
    t.is(await greet(clientHost, '2001:db8::1', 1080), '0500');
    t.is(daemon.port, 1080);
  });
}

asRoot('engine: with freebind an address is listened on before this host has it', async (t) => {
  const { proxyHost, clientHost } = await cableNetwork(t, []);
  await mustRun([...clientHost, ...'ip address add 192.0.2.2/24 dev cable'.split(' ')]);
  const args = ['--transport', 'engine', '--freebind', '--network', '*'];
  const daemon = await startDaemon(t, args, { wrapper: proxyHost, listen: ['192.0.2.1:1080'] });
  await mustRun([...proxyHost, ...'ip address add 192.0.2.1/24 dev cable'.split(' ')]);
  t.is(await greet(clientHost, '192.0.2.1', daemon.port), '0500');
});

test('an address that this host does not have, and an interface that it does not, are failed starts', async (t) => {
  const start = (listen: string) => runProgram(['--nofork', '--logmode', 'stderr', listen]);
  const [address, device] = await Promise.all([start('192.0.2.77:0'), start('@nosuch0:0')]);
  t.is(address.status, 71);
  t.regex(address.stderr, /no interface of this host has that address; with "freebind = yes"/);
  t.is(device.status, 71);
  t.regex(device.stderr, /cannot listen on @nosuch0:0: no such interface/);
});
