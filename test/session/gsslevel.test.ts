import test from 'ava';
import { askedLevel, chooseLevel } from '../../src/session/login/gsslevel.ts';
import { fakeTickets } from '../support/tickets.ts';
import { ip } from '../support/ip.ts';

test('levels 0 to 3 exist, and 3 is served as 2', (t) => {
  t.deepEqual([0, 1, 2, 3, 4, 255, -1].map(askedLevel), [0, 1, 2, 2, undefined, undefined, undefined]);
});

test('the level that is answered, by option, by what is asked for and by what the client can', async (t) => {
  const { key } = await fakeTickets().tickets.accept(Buffer.from('ticket'), ip('127.0.0.1'));
  const able = { flags: 8, key };
  const curl = { flags: 6, key };
  const foreign = { flags: 8, key: undefined };
  for (const [protection, expected] of [
    ['none', { able: [0, 0, 0], curl: [0, 0, 0], foreign: [0, 0, 0] }],
    ['offer', { able: [0, 1, 2], curl: [0, 0, 0], foreign: [0, 0, 0] }],
    ['integrity', { able: [1, 1, 2], curl: [1, 1, 2], foreign: [undefined, undefined, undefined] }],
    ['confidentiality', { able: [2, 2, 2], curl: [2, 2, 2], foreign: [undefined, undefined, undefined] }],
  ] as const) {
    const levels = (client: Parameters<typeof chooseLevel>[2]) =>
      ([0, 1, 2] as const).map((asked) => chooseLevel(asked, protection, client));
    t.deepEqual(
      { able: levels(able), curl: levels(curl), foreign: levels(foreign) },
      expected as never,
      protection,
    );
  }
});
