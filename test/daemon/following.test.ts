// Interfaces that are listened on, as their addresses come and go.
import test from 'ava';
import type { EndpointPlan } from '../../src/net/layer.ts';
import { formatEndpoint, type Ip } from '../../src/base/ip.ts';
import type { ListenAddress } from '../../src/config/model/config.ts';
import { Following } from '../../src/daemon/listeners/following.ts';
import type { Log } from '../../src/observe/log.ts';
import { ip } from '../support/ip.ts';

const ETH0: ListenAddress = { kind: 'interface', name: 'eth0', port: 80 };
const [ONE, TWO] = [ip('192.0.2.1'), ip('2001:db8::1')];

function host() {
  const open = new Set<string>();
  const told: string[] = [];
  const state = { eth0: [] as Ip[], here: [] as Ip[], refuses: '', serving: true };
  const server = {
    get listening() {
      return [...open];
    },
    listen: ({ endpoint }: EndpointPlan) => {
      if (state.refuses !== '')
        return Promise.reject(Object.assign(new Error('no'), { code: state.refuses }));
      open.add(formatEndpoint(endpoint));
      return Promise.resolve(endpoint);
    },
    unlisten: (at: string) => void open.delete(at),
  };
  const write = (level: string, event: string, fields: object) =>
    void told.push([level, event, ...Object.entries(fields).flat().map(String)].join(' '));
  const following = new Following({
    server,
    log: { write } as unknown as Log,
    isHere: (each) => state.here.includes(each),
    isServing: () => state.serving,
    addressesOf: () => state.eth0,
  });
  return { following, open, told, state };
}

test('an address that comes is listened on, one that goes is not any more', async (t) => {
  const { following, open, told, state } = host();
  following.follow([ETH0], []);
  t.teardown(() => following.stop());
  t.deepEqual(told, ['warn listen interface eth0']);
  state.eth0 = [ONE, TWO];
  await following.look();
  t.deepEqual([...open], ['192.0.2.1:80', '[2001:db8::1]:80']);
  state.eth0 = [TWO];
  await following.look();
  t.deepEqual([...open], ['[2001:db8::1]:80']);
  t.deepEqual(told.slice(1), [
    'notice listen opened 192.0.2.1:80',
    'notice listen opened [2001:db8::1]:80',
    'notice listen closed 192.0.2.1:80',
  ]);
});

test('that an interface has no address is told once, also of the label of an alias', async (t) => {
  const { following, told } = host();
  following.follow([{ kind: 'interface', name: 'eth0:0', port: 80 }], []);
  t.teardown(() => following.stop());
  await following.look();
  await following.look();
  t.deepEqual(told, ['warn listen interface eth0:0']);
});

test('without carrier an address is not listed, and is listened on all the same', async (t) => {
  const { following, open, state } = host();
  state.eth0 = [ONE];
  following.follow([ETH0], []);
  t.teardown(() => following.stop());
  await following.look();
  Object.assign(state, { eth0: [], here: [ONE] });
  await following.look();
  t.deepEqual([...open], ['192.0.2.1:80']);
});

test('what is listened on for another reason stays', async (t) => {
  const { following, open, state } = host();
  open.add('192.0.2.1:80');
  state.eth0 = [ONE];
  following.follow([ETH0], ['192.0.2.1:80']);
  t.teardown(() => following.stop());
  state.eth0 = [];
  await following.look();
  t.deepEqual([...open], ['192.0.2.1:80']);
});

test('what cannot be opened is told once, and tried again; a tentative address is not told', async (t) => {
  const { following, open, told, state } = host();
  Object.assign(state, { eth0: [TWO], refuses: 'EADDRNOTAVAIL' });
  following.follow([ETH0], []);
  t.teardown(() => following.stop());
  await following.look();
  t.deepEqual(told, []);
  state.refuses = 'EACCES';
  await following.look();
  await following.look();
  t.deepEqual(told, ['warn listen failed [2001:db8::1]:80']);
  state.refuses = '';
  await following.look();
  t.deepEqual([...open], ['[2001:db8::1]:80']);
});

test('nothing is opened while the daemon drains', async (t) => {
  const { following, open, state } = host();
  Object.assign(state, { eth0: [ONE], serving: false });
  following.follow([ETH0], []);
  t.teardown(() => following.stop());
  await following.look();
  t.is(open.size, 0);
});
