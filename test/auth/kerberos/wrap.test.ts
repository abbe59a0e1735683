// Wrap tokens against MIT, in all directions, and against whoever changes them.
import { randomBytes } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { enctypeOf } from '../../../src/auth/kerberos/enctypes.ts';
import { ContextWrap, type WrapSide } from '../../../src/auth/kerberos/wrap.ts';
import { MIT_CONTEXTS, MIT_TEXTS, type MitContext } from '../../support/mittokens.ts';

const SIDES: readonly WrapSide[] = ['initiator', 'acceptor'];
const otherThan = (side: WrapSide): WrapSide => (side === 'acceptor' ? 'initiator' : 'acceptor');

/** Our end of a context of MIT. */
function endOf({ type, key, isAcceptorSubkey, firstOf }: MitContext, side: WrapSide): ContextWrap {
  const enctype = enctypeOf(type);
  if (enctype === undefined) throw new Error(`no type ${type}`);
  return new ContextWrap(side, {
    enctype,
    key: Buffer.from(key, 'hex'),
    isAcceptorSubkey,
    sendSequence: firstOf[side],
    receiveSequence: firstOf[otherThan(side)],
  });
}

for (const mit of MIT_CONTEXTS) {
  const name = enctypeOf(mit.type)?.name ?? '';
  for (const side of SIDES) {
    test(`${name}: what MIT has wrapped as ${side} is opened, sealed and in clear`, (t) => {
      const us = endOf(mit, otherThan(side));
      const opened = mit.tokens[side].map((token) => us.unwrap(Buffer.from(token, 'hex')));
      const expected = MIT_TEXTS.flatMap((text) =>
        (['sealed', 'clear'] as const).map((form) => ({ kind: 'message', form, text: Buffer.from(text) })),
      );
      t.deepEqual(
        opened.map((each) => (each.kind === 'message' ? { ...each, text: Buffer.from(each.text) } : each)),
        expected as never,
      );
    });

    test(`${name}: what is in clear as ${side} is, byte for byte, what MIT has made of it`, (t) => {
      const us = endOf(mit, side);
      const ours = MIT_TEXTS.flatMap((text) => [
        us.wrap('sealed', Buffer.from(text)),
        us.wrap('clear', Buffer.from(text)),
      ]);
      const inClear = (tokens: readonly string[]) => tokens.filter((_, at) => at % 2 === 1);
      t.deepEqual(
        inClear(ours.map((token) => Buffer.from(token).toString('hex'))),
        inClear(mit.tokens[side]),
      );
    });
  }

  test(`${name}: any message comes back, and no token is longer than it may be`, (t) => {
    const [sender, receiver] = [endOf(mit, 'initiator'), endOf(mit, 'acceptor')];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom('sealed' as const, 'clear' as const),
        (text, form) => {
          const token = sender.wrap(form, text);
          t.true(token.length <= text.length + 72);
          const opened = receiver.unwrap(token);
          t.true(opened.kind === 'message' && opened.form === form && Buffer.from(text).equals(opened.text));
        },
      ),
    );
  });

  test(`${name}: a token with one changed bit, or cut, or longer, is refused, and the next true one is not`, (t) => {
    const [sender, receiver] = [endOf(mit, 'acceptor'), endOf(mit, 'initiator')];
    for (const form of ['sealed', 'clear'] as const) {
      const token = Buffer.from(sender.wrap(form, Buffer.from('a message of some length')));
      for (let bit = 0; bit < 8 * token.length; bit++) {
        const changed = Buffer.from(token);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        // A rotation by other than its own length is another token; by that length it is this one.
        if (bit >> 3 !== 6 && bit >> 3 !== 7)
          t.is(receiver.unwrap(changed).kind, 'wrong', `bit ${bit} of ${form}`);
      }
      for (let length = 0; length < token.length; length++)
        t.is(receiver.unwrap(token.subarray(0, length)).kind, 'wrong');
      t.is(receiver.unwrap(Buffer.concat([token, Buffer.alloc(1)])).kind, 'wrong');
      t.is(receiver.unwrap(token).kind, 'message');
    }
  });

  test(`${name}: what is repeated, left out, or our own is refused`, (t) => {
    const [sender, receiver] = [endOf(mit, 'initiator'), endOf(mit, 'acceptor')];
    const tokens = ['one', 'two', 'three'].map((text) => sender.wrap('sealed', Buffer.from(text)));
    t.is(receiver.unwrap(tokens[1]!).kind, 'wrong');
    t.is(receiver.unwrap(tokens[0]!).kind, 'message');
    t.regex(JSON.stringify(receiver.unwrap(tokens[0]!)), /its number is/);
    t.is(receiver.unwrap(tokens[2]!).kind, 'wrong');
    t.is(receiver.unwrap(receiver.wrap('clear', Buffer.from('mirror'))).kind, 'wrong');
  });

  test(`${name}: tokens that are turned, as Windows sends them, and fillers are understood`, (t) => {
    const [sender, receiver] = [endOf(mit, 'initiator'), endOf(mit, 'acceptor')];
    for (const [at, turn] of [1, 28, 12, 1000, 65_535].entries()) {
      const text = `turned by ${turn}`;
      const token = Buffer.from(sender.wrap(at % 2 === 0 ? 'sealed' : 'clear', Buffer.from(text)));
      const body = token.subarray(16);
      const by = turn % body.length;
      const turned = Buffer.concat([
        token.subarray(0, 16),
        body.subarray(body.length - by),
        body.subarray(0, body.length - by),
      ]);
      turned.writeUInt16BE(turn, 6);
      const opened = receiver.unwrap(turned);
      t.is(opened.kind === 'message' ? Buffer.from(opened.text).toString() : opened.why, text);
    }
  });
}

test('no bytes throw', (t) => {
  const receiver = endOf(MIT_CONTEXTS[0]!, 'acceptor');
  for (let round = 0; round < 2000; round++) {
    const token = randomBytes(round % 120);
    if (round % 2 === 0) token.set([5, 4, round % 8, 0xff].slice(0, token.length));
    t.is(receiver.unwrap(token).kind, 'wrong');
  }
});
