import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { Answer, NameAnswer } from '../../src/net/dns/namesource.ts';
import type { Resolver } from '../../src/net/names/resolve.ts';
import { ClientNames } from '../../src/observe/clientnames.ts';
import { ip } from '../support/ip.ts';

const NOTHING = new Fault('NAME_NOT_FOUND');

/** A resolver that answers when it is told to; `names` lead to their addresses. */
function resolverOf(names: Readonly<Record<string, string>>) {
  const questions: { readonly client: string; readonly answer: (name: NameAnswer) => void }[] = [];
  const resolver: Resolver = {
    completions: (name) => [name],
    lookup: (name) => ({ ipv6: NOTHING, ipv4: name in names ? ([ip(names[name]!)] as Answer) : NOTHING }),
    reverse: (client) => new Promise((answer) => questions.push({ client, answer })),
    close: () => undefined,
  };
  return { resolver, questions };
}

/** Lets everything run that waits for answers given already. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a name is found once it has come, and only where it leads back', async (t) => {
  const { resolver, questions } = resolverOf({ 'a.test': '192.0.2.1', 'b.test': '192.0.2.9' });
  const names = new ClientNames(resolver);
  names.ask(ip('192.0.2.1'));
  names.ask(ip('192.0.2.2'));
  t.is(names.find(ip('192.0.2.1')), undefined);
  questions[0]!.answer('a.test');
  questions[1]!.answer('b.test');
  await settled();
  t.is(names.find(ip('192.0.2.1')), 'a.test');
  t.is(names.find(ip('192.0.2.2')), undefined);
});

test('of one client there is one question, and a name that is gone is forgotten', async (t) => {
  const { resolver, questions } = resolverOf({ 'a.test': '192.0.2.1' });
  const names = new ClientNames(resolver);
  names.ask(ip('192.0.2.1'));
  names.ask(ip('192.0.2.1'));
  t.is(questions.length, 1);
  questions[0]!.answer('a.test');
  await settled();
  names.ask(ip('192.0.2.1'));
  t.is(names.find(ip('192.0.2.1')), 'a.test');
  questions[1]!.answer(NOTHING);
  await settled();
  t.is(names.find(ip('192.0.2.1')), undefined);
});

test('a flood of one network leaves 8 questions, and none of others’ names is forgotten for it', async (t) => {
  const { resolver, questions } = resolverOf({ 'a.test': '192.0.2.1' });
  const names = new ClientNames(resolver);
  const flood = (at: number) => ip(`2001:db8:666:${at.toString(16)}::1`);
  for (let at = 0; at < 200; at++) names.ask(flood(at));
  t.is(questions.length, 8);
  names.ask(ip('192.0.2.1'));
  for (const { answer } of questions) answer('a.test');
  await settled();
  t.is(names.find(ip('192.0.2.1')), 'a.test');
  names.ask(flood(1));
  t.is(questions.length, 10);
});

test('names of a whole network leave others theirs', async (t) => {
  const addresses = Array.from({ length: 4200 }, (_, at) => `2001:db8:666:${at.toString(16)}::1`);
  const names = new ClientNames({
    reverse: (client: string) => Promise.resolve(client),
    completions: (name: string) => [name],
    lookup: (name: string) => ({ ipv4: [ip(name)], ipv6: NOTHING }),
    close: () => undefined,
  });
  for (const address of ['192.0.2.1', ...addresses]) {
    names.ask(ip(address));
    await settled();
  }
  t.is(names.find(ip('192.0.2.1')), '192.0.2.1');
  t.is(names.find(ip(addresses[0]!)), undefined);
  t.not(names.find(ip(addresses.at(-1)!)), undefined);
});

test('a flood of clients leaves 64 questions, and those who come later are asked about later', async (t) => {
  const { resolver, questions } = resolverOf({});
  const names = new ClientNames(resolver);
  for (let host = 1; host <= 200; host++) names.ask(ip(`192.0.${host}.1`));
  t.is(questions.length, 64);
  for (const { answer } of questions) answer(NOTHING);
  await settled();
  names.ask(ip('192.0.200.1'));
  t.is(questions.at(-1)!.client, '192.0.200.1');
  t.is(questions.length, 65);
});
