import { readdirSync } from 'node:fs';
import test from 'ava';
import { openThreads, parseStatus } from '../../src/daemon/account/threads.ts';

const STATUS = `Name:\tnode: x
Umask:\t0022
Uid:\t1\t2\t3\t4
Gid:\t5\t6\t7\t8
Groups:\t9 10 
Threads:\t11
CapInh:\t00000000a80425fb
CapPrm:\t0000000000000000
CapEff:\t0000000000000400
CapAmb:\t0000000000000000
`;

test('parseStatus() reads the ids, the groups and the capability sets that are not empty', (t) => {
  t.deepEqual(parseStatus(STATUS), {
    uids: [1, 2, 3, 4],
    gids: [5, 6, 7, 8],
    groups: [9, 10],
    capabilities: ['CapEff'],
    threads: 11,
  });
});

test('parseStatus() reads nothing from nothing', (t) => {
  t.deepEqual(parseStatus(''), { uids: [], gids: [], groups: [], capabilities: [], threads: 0 });
});

test('openThreads() sees every thread of this process, as it is now', (t) => {
  const threads = openThreads()!;
  t.teardown(() => threads.close());
  const identities = threads.read();
  t.is(identities.length, readdirSync('/proc/self/task').length);
  t.deepEqual(new Set(identities.map(({ uids }) => uids[1])), new Set([process.geteuid?.()]));
  t.is(identities[0]?.threads, identities.length);
});
