import test from 'ava';
import { restartOnlyChanges } from '../../src/daemon/running/reload.ts';
import { configOf, load } from '../support/configuration.ts';

const changes = (before: string, after: string) =>
  restartOnlyChanges(...([before, after].map((argv) => configOf(load(argv.split(' ')))) as [never, never]));

test('restartOnlyChanges() names what differs and waits for a restart', (t) => {
  t.deepEqual(changes('-u a -L stderr', '-u b -L syslog --nofork'), ['user', 'logmode']);
  t.deepEqual(changes('-u a', '-u a --pidfile x'), ['pidfile']);
});

test('restartOnlyChanges() is silent about what a reload applies, and about nothing', (t) => {
  t.deepEqual(changes('*:1', '*:2 --maxconn 3 --network * --loglevel err --auth f'), []);
  t.deepEqual(changes('-u a --syslog local', '-u a --syslog unix:/dev/log'), []);
});
