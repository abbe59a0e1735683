// Whose process another one is, by its control group.
import test from 'ava';
import { unitOf } from '../../src/daemon/takeover/supervisingunit.ts';

for (const [text, unit] of [
  ['0::/system.slice/picosocks5.service\n', 'picosocks5.service'],
  ['12:pids:/x.service\n1:name=systemd:/system.slice/proxy@a.service\n0::/\n', 'proxy@a.service'],
  ['0::/user.slice/user-0.slice/user@0.service/app.slice/proxy.service\n', 'proxy.service'],
  ['1:name=systemd:/\n0::/picosocks5.service\n', 'picosocks5.service'],
  ['0::/a.service/sub.scope\n', undefined],
  ['0::/user.slice/user-0.slice/session-1.scope\n', undefined],
  ['0::/\n', undefined],
  ['12:pids:/x.service\n', undefined],
  ['', undefined],
] as const) {
  test(`the unit of ${JSON.stringify(text)} is ${unit ?? 'none'}`, (t) => {
    t.is(unitOf(text), unit);
  });
}
