import test from 'ava';
import { SOURCE_PLAN } from '../../src/config/routes/source.ts';
import { hereAt, hereWith, ownOf } from '../support/here.ts';
import { ip } from '../support/ip.ts';

const NOTHING = ownOf(() => new Set());

function pool(text: string) {
  const parsed = SOURCE_PLAN.parse(text, { origin: {}, folder: '/', portOf: () => undefined });
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.value;
}

test('an address of the host is closed, and whoever comes from it is on the host', (t) => {
  const here = hereAt('198.51.100.7');
  t.true(here.isAt(ip('198.51.100.7')));
  t.true(here.isReachedAt(ip('198.51.100.7')));
  t.false(here.isAt(ip('198.51.100.8')));
  t.false(here.isReachedAt(ip('198.51.100.8')));
});

test('a public address is closed, and whoever comes from it is anybody behind the same NAT', (t) => {
  const here = hereWith(NOTHING, { publicAddress: [ip('203.0.113.9')] });
  t.true(here.isReachedAt(ip('203.0.113.9')));
  t.false(here.isAt(ip('203.0.113.9')));
});

test('pools of users, groups and routes are closed', (t) => {
  const here = hereWith(NOTHING, {
    rules: { source: pool('192.0.2.1,2001:db8:1::/64') },
    sections: new Map([['staff', { source: pool('192.0.2.64/28') }]]),
    routes: [{ source: pool('192.0.2.128+192.0.2.129'), device: undefined, mark: undefined }],
  });
  for (const closed of ['192.0.2.1', '2001:db8:1::99', '192.0.2.79', '192.0.2.129']) {
    t.true(here.isReachedAt(ip(closed)), closed);
    t.false(here.isAt(ip(closed)), closed);
  }
  for (const open of ['192.0.2.2', '2001:db8:2::99', '192.0.2.80', '192.0.2.130']) {
    t.false(here.isReachedAt(ip(open)), open);
  }
});

test('the pool that stands for the address of the client adds nothing', (t) => {
  t.false(hereWith(NOTHING, { rules: { source: pool('client') } }).isReachedAt(ip('192.0.2.1')));
});

test('each way out of a configuration is asked about, once', (t) => {
  const asked: string[] = [];
  const delivers = (_: unknown, path = {}): boolean => asked.push(JSON.stringify(path)) > 100;
  const route = (device?: string, mark?: number) => ({ source: undefined, device, mark });
  const here = hereWith(
    { delivers, listed: () => new Set() },
    { path: { mark: 5 }, routes: [route('wg0'), route('wg0'), route(undefined, 7), route()] },
  );
  t.false(here.isReachedAt(ip('192.0.2.1')));
  t.deepEqual(asked, ['{}', '{"mark":5}', '{"device":"wg0","mark":5}', '{"mark":7}']);
});
