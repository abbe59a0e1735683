import test from 'ava';
import {
  Lifecycle,
  LIFECYCLE,
  type DaemonAction,
  type DaemonEvent,
  type DaemonState,
} from '../../src/daemon/running/lifecycle.ts';

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

function serving() {
  const actions: DaemonAction[] = [];
  const lifecycle = new Lifecycle(() => undefined, 'ignored');
  const acted = new Promise<void>((resolve) => {
    lifecycle.serve((action) => {
      actions.push(action);
      resolve();
    });
  });
  return { lifecycle, actions, acted };
}

test('a drain that is announced comes when its time is over', async (t) => {
  const { lifecycle, actions, acted } = serving();
  lifecycle.drain(60_000);
  t.true(lifecycle.isLeaving);
  lifecycle.drain(1);
  t.true(lifecycle.isLeaving);
  t.deepEqual(actions, []);
  await acted;
  t.false(lifecycle.isLeaving);
  t.deepEqual(actions, ['drain']);
});

test('a drain at once, or a signal, ends an announcement; a second drain does not cut', (t) => {
  const { lifecycle, actions } = serving();
  lifecycle.drain(60_000);
  lifecycle.happen('term');
  t.false(lifecycle.isLeaving);
  lifecycle.drain();
  lifecycle.drain(1);
  t.false(lifecycle.isLeaving);
  t.deepEqual(actions, ['drain']);
});
