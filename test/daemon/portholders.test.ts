// Who listens at a port, by tables of the kernel.
import test from 'ava';
import { parseIp, type Endpoint } from '../../src/base/ip.ts';
import { findHolders, parseListeners } from '../../src/daemon/takeover/portholders.ts';
import { listenTarget } from '../support/sockets.ts';
import { onLinux } from '../support/needing.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0438 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41 1 0 100 0 0 10 0
   1: 0100007F:0439 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 42 1 0 100 0 0 10 0
`;

test('parseListeners() gives the listening ones, with their addresses in network order', (t) => {
  t.deepEqual(parseListeners(TABLE), [{ address: '7f000001', port: 1080, inode: '41' }]);
  t.deepEqual(parseListeners(''), []);
  t.deepEqual(parseListeners('a b c 0A\n\n0A 0A 0A 0A'), []);
});

onLinux('findHolders() finds this process at its port, by its address and by all of them', async (t) => {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const at = (ip: string): Endpoint => ({ ip: parseIp(ip)!, port: target.port });
  for (const ip of ['127.0.0.1', '0.0.0.0', '::']) {
    t.true(
      findHolders(at(ip)).some(({ pid }) => pid === process.pid),
      ip,
    );
  }
  t.deepEqual(findHolders(at('192.0.2.1')), []);
});
