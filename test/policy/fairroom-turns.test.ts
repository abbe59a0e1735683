// Which place gives way in a full room: by networks, clients and age.
import test from 'ava';
import fc from 'fast-check';
import { FairRoom, type PlaceNumber } from '../../src/policy/room/fairroom.ts';
import { ownerOf, type Owner } from '../../src/policy/room/owner.ts';
import { ip } from '../support/ip.ts';
import { Model, client, gives, ownerAt } from '../support/fairrooms.ts';

test('a place gives way only where most is held, from the widest networks down', (t) => {
  fc.assert(
    fc.property(
      fc.array(client, { maxLength: 80 }),
      fc.integer({ min: 1, max: 12 }),
      gives,
      (clients, max, which) => {
        const model = new Model({ max, gives: which });
        for (const at of clients) {
          const owner = ownerAt(at);
          const depths = [[], owner.slice(0, 1), owner.slice(0, 2)];
          const before = new Map(depths.map((network) => [network.join(' '), model.parts(network)]));
          model.gone.length = 0;
          model.take(owner);
          for (const gone of model.gone) {
            const shared = gone.owner.findIndex((key, level) => owner[level] !== key);
            const level = shared === -1 ? gone.owner.length - 1 : shared;
            const beside = before.get(gone.owner.slice(0, level).join(' ')) ?? new Map<string, number>();
            // Who gives way to himself would otherwise hold one more.
            const held = (beside.get(gone.owner[level] ?? '') ?? 0) + (shared === -1 ? 1 : 0);
            t.true(held >= Math.max(...beside.values()));
          }
        }
      },
    ),
  );
});

test('networks have their turn one after the other, and the clients in them', (t) => {
  const room = new FairRoom({ max: 100, gives: 'newest', gaveWay: () => t.fail() });
  const names = new Map<PlaceNumber, string>();
  const add = (address: string, item: string) => names.set(room.take(ownerOf(ip(address))) ?? -1, item);
  for (const item of ['a1', 'a2', 'a3']) add('192.0.2.1', item);
  add('192.0.2.2', 'b1');
  for (const item of ['c1', 'c2']) add('2001:db8::1', item);
  const order = [];
  for (let place = room.next(); place !== undefined; place = room.next()) {
    order.push(names.get(place));
    room.release(place);
  }
  t.deepEqual(order, ['a1', 'c1', 'b1', 'c2', 'a2', 'a3']);
});

test('what is touched is forgotten last', (t) => {
  const gone: PlaceNumber[] = [];
  const room = new FairRoom({ max: 3, gives: 'oldest', gaveWay: (place) => gone.push(place) });
  const [first, second] = [1, 2, 3].map(() => room.take(ownerAt(0)) ?? -1);
  room.touch(first ?? -1);
  room.take(ownerAt(1));
  t.deepEqual(gone, [second]);
});

test('tens of thousands of clients that come and go leave nothing behind', (t) => {
  const places: PlaceNumber[] = [];
  const room = new FairRoom({ max: 20_000, gives: 'oldest', gaveWay: () => undefined });
  for (let at = 0; at < 40_000; at++) room.take([`${at % 300}`, `${at}`]);
  t.is(room.held, 20_000);
  for (let place = room.next(); place !== undefined; place = room.next()) {
    places.push(place);
    room.release(place);
  }
  t.is(new Set(places).size, 20_000);
  t.is(room.held, 0);
  t.is(room.heldBy(['1']), 0);
});

test('where everybody holds as much, whoever has held it for longest gives way to a newcomer', (t) => {
  const origins = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(origins, fc.infiniteStream(fc.nat(100)), (networks, chances) => {
      const model = new Model({ max: networks.length, gives: 'oldest' });
      const owners = networks.map((network) => ownerOf(ip(`10.0.${network}.1`)));
      const inOrder: Owner[] = [];
      const come = (owner: Owner): void => {
        t.not(model.take(owner), undefined);
        inOrder.push(owner);
      };
      for (const owner of owners) come(owner);
      // Some go, and others come in their places.
      for (const owner of owners) {
        const [place] = [...model.kept].find(([, kept]) => kept.owner === owner) ?? [];
        if (place === undefined || (chances.next().value ?? 0) > 50) continue;
        model.room.release(place);
        model.kept.delete(place);
        inOrder.splice(inOrder.indexOf(owner), 1);
        come(ownerOf(ip(`10.1.${networks[owners.indexOf(owner)] ?? 0}.1`)));
      }
      for (const [at, owner] of inOrder.entries()) {
        model.take(ownerOf(ip(`10.2.${at}.1`)));
        t.deepEqual(model.gone.at(-1)?.owner, owner);
      }
    }),
  );
});

test('first() tells what would give way in a full room, and takes nothing', (t) => {
  fc.assert(
    fc.property(
      fc.array(client, { minLength: 1, maxLength: 40 }),
      client,
      gives,
      (clients, newcomer, which) => {
        const model = new Model({ max: clients.length, gives: which });
        for (const at of clients) model.take(ownerAt(at));
        const first = model.room.first(ownerAt(newcomer));
        const kept = first === undefined ? undefined : model.kept.get(first);
        t.is(model.room.held, clients.length);
        model.take(ownerAt(newcomer));
        t.deepEqual(model.gone, kept === undefined ? [] : [kept]);
      },
    ),
  );
});

test('first() for somebody unknown is of whoever holds most', (t) => {
  fc.assert(
    fc.property(fc.array(client, { maxLength: 40 }), (clients) => {
      const model = new Model({ max: 100, gives: 'oldest' });
      for (const at of clients) model.take(ownerAt(at));
      const first = model.room.first();
      t.is(first === undefined, clients.length === 0);
      const { owner = [] } = model.kept.get(first ?? -1) ?? {};
      for (const depth of owner.keys()) {
        const held = model.heldBelow(owner.slice(0, depth + 1));
        t.is(held, Math.max(...model.parts(owner.slice(0, depth)).values()));
      }
    }),
  );
});
