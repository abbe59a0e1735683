// What "systemctl show" says of our unit.
import test from 'ava';
import { parseUnit } from '../../src/daemon/takeover/systemdunit.ts';

const CONFIG = '/etc/picosocks5/picosocks5.conf';
const SHOWN = `Type=notify
MainPID=412
ExecStart={ path=/usr/bin/picosocks5 ; argv[]=/usr/bin/picosocks5 --nofork -c ${CONFIG} $DAEMON_OPTS ; ignore_errors=no }
User=picosocks5
Group=picosocks5
RuntimeDirectory=picosocks5 more
StateDirectory=picosocks5
`;

test('a unit that reads the configuration tells who starts it, what runs, and which folders it gets', (t) => {
  t.deepEqual(parseUnit(SHOWN, ['/etc/other', CONFIG]), {
    name: 'picosocks5.service',
    user: 'picosocks5',
    group: 'picosocks5',
    mainPid: 412,
    folders: ['/run/picosocks5', '/run/more', '/var/lib/picosocks5'],
  });
});

test('one that reads another configuration, or is not there, is none of ours', (t) => {
  t.is(parseUnit(SHOWN, ['/etc/other.conf']), undefined);
  t.is(parseUnit('MainPID=0\nLoadState=not-found\n', [CONFIG]), undefined);
  t.is(parseUnit('', [CONFIG]), undefined);
});

test('one of root says so', (t) => {
  for (const user of ['', 'root', '0']) {
    t.is(parseUnit(SHOWN.replace('User=picosocks5', `User=${user}`), [CONFIG])?.user, undefined);
  }
});
