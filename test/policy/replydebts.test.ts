import test from 'ava';
import { ReplyDebts } from '../../src/policy/replydebts.ts';
import { ip } from '../support/ip.ts';

test('a debt is kept until it is taken', (t) => {
  const debts = new ReplyDebts();
  t.is(debts.take(ip('192.0.2.1')), 0);
  debts.keep(ip('192.0.2.1'), 100);
  debts.keep(ip('192.0.2.1'), 20);
  t.is(debts.take(ip('192.0.2.1')), 120);
  t.is(debts.take(ip('192.0.2.1')), 0);
});

test('however many addresses owe something, no debt is lost', (t) => {
  const debts = new ReplyDebts();
  const ips = Array.from({ length: 5000 }, (_, at) => ip(`2001:db8::${(at + 1).toString(16)}`));
  for (const each of ips) debts.keep(each, 1);
  t.is(
    ips.reduce((sum, each) => sum + debts.take(each), 0),
    5000,
  );
});

test('addresses are spread: hardly any pays for many others', (t) => {
  const debts = new ReplyDebts();
  const ips = Array.from({ length: 1024 }, (_, at) => ip(`10.0.${at >> 8}.${at & 255}`));
  for (const each of ips) debts.keep(each, 1);
  t.true(Math.max(...ips.map((each) => debts.take(each))) < 16);
});
