import test from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';

test('a deadline ends by time with the code that it was given', async (t) => {
  const deadline = new Deadline(1, 'CONNECT_TIMEOUT');
  const fault = await new Promise<Fault>((resolve) => deadline.whenEnded(resolve));
  t.is(fault.code, 'CONNECT_TIMEOUT');
  t.is(deadline.ended, fault);
});

test('a deadline of 0 milliseconds has no timer and no end in time', (t) => {
  const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
  t.is(deadline.ended, undefined);
  deadline.end(new Fault('CLIENT_CLOSED'));
  t.is(deadline.ended?.code, 'CLIENT_CLOSED');
});

test('end() tells each listener once, and the first reason stays', (t) => {
  const deadline = new Deadline(60_000, 'HANDSHAKE_TIMEOUT');
  const heard: Fault[] = [];
  deadline.whenEnded((fault) => heard.push(fault));
  const first = new Fault('CLIENT_CLOSED');
  deadline.end(first);
  deadline.end(new Fault('SHUTTING_DOWN'));
  t.deepEqual(heard, [first]);
  t.is(deadline.ended, first);
});

test('whenEnded() calls at once after the end', (t) => {
  const deadline = new Deadline(0, 'HANDSHAKE_TIMEOUT');
  deadline.end(new Fault('SHUTTING_DOWN'));
  const heard: string[] = [];
  deadline.whenEnded((fault) => heard.push(fault.code));
  t.deepEqual(heard, ['SHUTTING_DOWN']);
});

test('an unregistered listener stays silent', (t) => {
  const deadline = new Deadline(0, 'HANDSHAKE_TIMEOUT');
  const unregister = deadline.whenEnded(() => t.fail('called after unregistering'));
  unregister();
  deadline.end(new Fault('SHUTTING_DOWN'));
  t.not(deadline.ended, undefined);
});

test('a listener that another one unregisters during the end stays silent', (t) => {
  const deadline = new Deadline(0, 'HANDSHAKE_TIMEOUT');
  const heard: string[] = [];
  const unregister: (() => void)[] = [];
  deadline.whenEnded(() => {
    heard.push('first');
    for (const each of unregister) each();
  });
  unregister.push(deadline.whenEnded(() => heard.push('second')));
  deadline.end(new Fault('SHUTTING_DOWN'));
  t.deepEqual(heard, ['first']);
});

test('clear() stops the timer and leaves end() working', async (t) => {
  const deadline = new Deadline(1, 'HANDSHAKE_TIMEOUT');
  deadline.clear();
  const later = new Deadline(5, 'CONNECT_TIMEOUT');
  await new Promise<Fault>((resolve) => later.whenEnded(resolve));
  t.is(deadline.ended, undefined);
  deadline.end(new Fault('SHUTTING_DOWN'));
  t.is(deadline.ended?.code, 'SHUTTING_DOWN');
});

test('within() gives work that was done before the end, though nobody has heard of either yet', async (t) => {
  const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
  let finish: (result: string) => void = () => undefined;
  const work = deadline.within(new Promise<string>((resolve) => (finish = resolve)));
  finish('done');
  deadline.end(new Fault('CLIENT_CLOSED'));
  t.is(await work, 'done');
});

test('within() rejects with the reason of the end, at once where that has come', async (t) => {
  const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
  const endless = new Promise<never>(() => undefined);
  const work = deadline.within(endless);
  deadline.end(new Fault('SHUTTING_DOWN'));
  await t.throwsAsync(work, { code: 'SHUTTING_DOWN' });
  await t.throwsAsync(deadline.within(endless), { code: 'SHUTTING_DOWN' });
});
