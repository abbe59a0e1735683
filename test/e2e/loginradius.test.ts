// RADIUS, by basic_radius_auth of squid and a server of Debian: right, wrong, and what becomes of logins while the server is silent or gone.
import { existsSync } from 'node:fs';
import test from 'ava';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { HAS_FREERADIUS, startFreeradius } from '../support/freeradius.ts';
import { needing } from '../support/needing.ts';
import { IS_ROOT } from '../support/root.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const RADIUS_AUTH = '/usr/lib/squid/basic_radius_auth';
const needingRadius = needing(
  'squid and "make freeradius"',
  HAS_FREERADIUS && existsSync(RADIUS_AUTH),
  test.serial,
);

async function logIn({ port }: Daemon, target: number, user: string, password = 'secret'): Promise<string> {
  try {
    (await connectThrough(port, target, { user, password })).socket.destroy();
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}

needingRadius(
  'basic_radius_auth says who is right, and "no" where its server is silent or gone',
  async (t) => {
    const radius = await startFreeradius(t, { alice: 'secret', 'b ob': 'p%ss "word"' });
    const auth = `helper:${RADIUS_AUTH} -f ${radius.settings} -t 1`;
    const daemon = await startDaemon(t, [
      ...['--auth', auth, '--auth-cache', '0', '--ban-after', '20', '--helper-children', '2'],
      ...(IS_ROOT ? ['-u', 'nobody'] : []),
    ]);
    const echo = await echoServer(t);
    t.is(await logIn(daemon, echo, 'alice'), 'in');
    t.is(await logIn(daemon, echo, 'b ob', 'p%ss "word"'), 'in');
    t.is(await logIn(daemon, echo, 'alice', 'wrong'), 'login status 1');
    t.is(await logIn(daemon, echo, 'stranger'), 'login status 1');
    for (const user of ['alice', 'stranger']) await daemon.line(new RegExp(`login-failed .*user=${user}`));

    // As docs/logins.md warns: it does not tell an outage from a wrong password.
    radius.signal('SIGSTOP');
    t.is(await logIn(daemon, echo, 'alice'), 'login status 1');
    t.regex(await daemon.line(/login-failed /), /user=alice detail=".*No response from RADIUS server"/);
    radius.signal('SIGCONT');
    t.is(await logIn(daemon, echo, 'alice'), 'in');
    await radius.kill();
    t.is(await logIn(daemon, echo, 'alice'), 'login status 1');
    t.regex(await daemon.line(/login-failed /), /user=alice detail=".*No response from RADIUS server"/);
  },
);

needingRadius('an answer later than auth-timeout is none, and bans nobody', async (t) => {
  const radius = await startFreeradius(t, { alice: 'secret' });
  const daemon = await startDaemon(t, [
    ...['--auth', `helper:${RADIUS_AUTH} -f ${radius.settings} -t 5`, '--auth-timeout', '1s'],
    ...(IS_ROOT ? ['-u', 'nobody'] : []),
  ]);
  radius.signal('SIGSTOP');
  t.is(await logIn(daemon, 9, 'alice'), 'login status 1');
  t.regex(await daemon.line(/ refused /), /why=LOGIN_UNAVAILABLE .*has not answered in 1000 ms/);
});
