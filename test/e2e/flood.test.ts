// A flood of wrong passwords, checked with bcrypt cost 12, must not be felt by anybody else.
import { join } from 'node:path';
import test from 'ava';
import { outcomeOf, Tally } from '../support/attackers.ts';
import { echoOnce, p99Of } from '../support/bystander.ts';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const FLOODERS = 24;
const ECHOES = 200;
// One check of bcrypt takes more than 200 ms: a daemon that did it on the thread of the relays would be far beyond.
const LIMIT_MS = 100;

test.serial('an echo through an open relay stays under 100 ms at the 99th percentile', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '12', users, 'alice', 'secret']);
  const echo = await echoServer(t);
  const { port } = await startDaemon(t, ['--auth', users]);
  const wire = await connectThrough(port, echo, { user: 'alice', password: 'secret' });

  const outcomes = new Tally();
  const flood = { isOn: true };
  const flooders = Array.from({ length: FLOODERS }, async (_, id) => {
    for (let attempt = 0; flood.isOn; attempt++) {
      const login = { user: 'alice', password: `${id} ${attempt}` };
      outcomes.add(await outcomeOf(connectThrough(port, echo, login)));
    }
  });
  const p99 = await p99Of(() => echoOnce(wire), { samples: ECHOES, limitMs: LIMIT_MS });
  flood.isOn = false;
  await Promise.all(flooders);
  wire.socket.destroy();

  t.log(`p99 ${p99.toFixed(1)} ms while ${outcomes.count('login status 1')} logins were refused`);
  t.deepEqual(Object.keys(outcomes.counts), ['login status 1']);
  t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
});
