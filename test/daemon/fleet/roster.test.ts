// Who is in the fleet, and of whom something was missed.
import test from 'ava';
import { Roster } from '../../../src/daemon/fleet/roster.ts';

function rosterAt() {
  const clock = { ms: 0 };
  return { clock, roster: new Roster(() => clock.ms) };
}

test('a member is there until it was silent for a lease, or says that it ends', (t) => {
  const { clock, roster } = rosterAt();
  roster.hear('m2', 1, 0, 'all');
  roster.hear('m3', 1, 0, 'all');
  t.deepEqual(roster.living, ['m2', 'm3']);
  roster.leave('m3');
  t.deepEqual(roster.living, ['m2']);
  clock.ms = 2999;
  t.deepEqual(roster.living, ['m2']);
  clock.ms = 3000;
  t.deepEqual(roster.living, []);
  t.deepEqual(roster.missing, ['m2']);
});

test('a member has to tell everything where its first, or any later message was missed', (t) => {
  const { clock, roster } = rosterAt();
  t.deepEqual(roster.hear('m2', 1, 7, 'changes'), { isNew: true, isPartial: true });
  t.deepEqual(roster.hear('m2', 1, 8, 'changes'), { isNew: false, isPartial: true });
  t.deepEqual(roster.hear('m2', 1, 9, 'all'), { isNew: false, isPartial: false });
  t.deepEqual(roster.hear('m2', 1, 10, 'changes'), { isNew: false, isPartial: false });
  t.deepEqual(roster.hear('m2', 1, 12, 'changes'), { isNew: false, isPartial: true });
  roster.hear('m2', 1, 13, 'all');
  clock.ms = 2600;
  t.deepEqual(
    roster.hear('m2', 1, 14, 'changes'),
    { isNew: false, isPartial: true },
    'its rows may have been given up',
  );
  roster.hear('m2', 1, 15, 'all');
  roster.missAll();
  t.deepEqual(roster.hear('m2', 1, 16, 'changes'), { isNew: false, isPartial: true });
});

test('a new life of a member takes the place of the one before, which is heard no more', (t) => {
  const { roster } = rosterAt();
  roster.hear('m2', 5, 100, 'all');
  t.deepEqual(roster.hear('m2', 6, 0, 'all'), { isNew: true, isPartial: false });
  t.is(roster.hear('m2', 5, 101, 'changes'), undefined);
  t.true(roster.knows('m2', 6));
  t.false(roster.knows('m2', 5));
});

test('members beyond the bound push out the one that was silent for longest', (t) => {
  const { roster } = rosterAt();
  for (let each = 0; each < 300; each++) roster.hear(`m${each}`, 1, 0, 'all');
  t.is(roster.living.length, 256);
  t.is(roster.living[0], 'm44');
});
