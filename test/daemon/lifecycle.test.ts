import test from 'ava';
import { LIFECYCLE, type DaemonEvent, type DaemonState } from '../../src/daemon/running/lifecycle.ts';

const states = Object.keys(LIFECYCLE) as DaemonState[];
const events: readonly DaemonEvent[] = ['term', 'reload', 'dump', 'drained'];

test('a stopped daemon does nothing more', (t) => {
  for (const event of events) t.deepEqual([...LIFECYCLE.stopped[event]], ['stopped', 'ignore']);
});

test('no event leads back to an earlier state', (t) => {
  for (const state of states) {
    for (const event of events) {
      const [next] = LIFECYCLE[state][event];
      t.true(states.indexOf(next) >= states.indexOf(state), `${state} ${event}`);
    }
  }
});

test('a first SIGTERM drains, a second cuts, and the last session ends it', (t) => {
  t.deepEqual([...LIFECYCLE.serving.term], ['draining', 'drain']);
  t.deepEqual([...LIFECYCLE.draining.term], ['draining', 'cut']);
  t.deepEqual([...LIFECYCLE.draining.drained], ['stopped', 'exit']);
});

test('only a serving daemon reloads', (t) => {
  const reloading = states.filter((state) => LIFECYCLE[state].reload[1] !== 'ignore');
  t.deepEqual(reloading, ['serving']);
});
