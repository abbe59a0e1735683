// How many sessions fit.
import test from 'ava';
import { sessionCapacity } from '../../src/daemon/capacity.ts';

test('sessionCapacity() gives each session two descriptors and keeps some for the daemon', (t) => {
  t.is(sessionCapacity(1024, 20, 0), (1024 - 20 - 12) / 2);
});

test('sessionCapacity() leaves room for the pipes of relay threads', (t) => {
  t.is(sessionCapacity(20000, 28, 2), (20000 - 28 - 12 - 64) / 2);
});

test('sessionCapacity() leaves pipes a small part of few descriptors', (t) => {
  t.is(sessionCapacity(64, 28, 64), (64 - 28 - 12 - 2) / 2);
});

test('sessionCapacity() is never less than one session', (t) => {
  t.is(sessionCapacity(32, 30, 2), 1);
});

test('sessionCapacity() knows no bound where descriptors have none', (t) => {
  t.is(sessionCapacity(Infinity, 30, 2), Infinity);
});
