// The process that reads tickets was killed: what a standby says on the same channel, and what becomes of those who wait.
import test from 'ava';
import { TicketReader, type ReaderNews } from '../../../src/auth/kerberos/ticketreader.ts';
import { ip } from '../../support/ip.ts';
import { codeOf } from '../../support/legs.ts';
import { ALICE, fakeProcess } from '../../support/ticketchannel.ts';

const READY = new Uint8Array(0);
const PAUSES = Uint8Array.of(3, 0, 0, 0, 4);

function fakeReader() {
  const far = fakeProcess();
  const news: ReaderNews[] = [];
  const reader = new TicketReader(far.channel, 60_000, (each) => news.push(each));
  return {
    ...far,
    reader,
    news,
    accept: (from = 1) => reader.accept(Buffer.from('x'), ip(`192.0.2.${from}`)),
  };
}

const settled = () => new Promise(setImmediate);

test('what a killed process was asked is lost, and what waits is asked of its standby', async (t) => {
  const { accept, say, answer, asked, news } = fakeReader();
  const [lost, waiting] = [codeOf(accept(1)), accept(2)];
  say(0, READY);
  t.is(await lost, 'LOGIN_UNAVAILABLE');
  t.is(asked.length, 2);
  answer(1, ALICE);
  t.is((await waiting).principal, 'alice@REALM');
  t.deepEqual(news, [{ kind: 'replaced', inSeconds: 0 }]);
});

test('a question that its standby answers all the same is not taken for another', async (t) => {
  const { accept, say, answer, reader } = fakeReader();
  const lost = codeOf(accept(1));
  const next = accept(2);
  say(0, READY);
  t.is(await lost, 'LOGIN_UNAVAILABLE');
  answer(0, Uint8Array.of(1, 0x6e, 0x6f));
  answer(1, ALICE);
  t.is((await next).principal, 'alice@REALM');
  t.true(reader.isUp);
  // A second answer to it is one that nobody has asked for.
  answer(0, ALICE);
  await settled();
  t.false(reader.isUp);
});

test('while it pauses everybody hears so at once, and afterwards it is asked again', async (t) => {
  const { accept, say, answer, news, reader } = fakeReader();
  const waiting = [codeOf(accept(1)), codeOf(accept(2))];
  say(0, PAUSES);
  t.deepEqual(await Promise.all(waiting), ['LOGIN_UNAVAILABLE', 'LOGIN_UNAVAILABLE']);
  t.is(await codeOf(accept(3)), 'LOGIN_UNAVAILABLE');
  t.true(reader.isUp);
  say(0, READY);
  await settled();
  const next = accept(1);
  answer(1, ALICE);
  t.is((await next).principal, 'alice@REALM');
  t.deepEqual(news, [{ kind: 'replaced', inSeconds: 4 }]);
});

test('one that was silent is asked again when it has been replaced', async (t) => {
  const { channel, say, answer } = fakeProcess();
  const reader = new TicketReader(channel, 20);
  t.is(await codeOf(reader.accept(Buffer.from('x'), ip('192.0.2.1'))), 'LOGIN_UNAVAILABLE');
  say(0, READY);
  await settled();
  const next = reader.accept(Buffer.from('y'), ip('192.0.2.1'));
  answer(1, ALICE);
  t.is((await next).principal, 'alice@REALM');
});

test('its end is told once; of itself it can say nothing else', async (t) => {
  const { channel, say, news, reader } = fakeReader();
  say(0, ALICE);
  await settled();
  t.true(channel.destroyed);
  await settled();
  t.false(reader.isUp);
  t.deepEqual(news, [{ kind: 'gone' }]);
});
