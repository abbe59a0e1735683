// A short run with a fixed seed, and the parts on which its word depends: an oracle that complains about nothing would
// pass every run.
import test from 'ava';
import { run } from '../support/commands.ts';
import { transports } from '../support/transports.ts';
import { readConversation } from './conversation.ts';
import { loadCorpus, loadSeeds } from './corpus.ts';
import { breachOf } from './decoders.ts';
import { judge } from './judge.ts';
import { minimise } from './minimise.ts';
import { makeScript } from './mutate.ts';
import { Random } from './random.ts';
import { formatScript, parseScript, type Script } from './script.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('some seconds of random conversations find nothing, over each transport', async (t) => {
  const command = [TYPESCRIPT, 'test/fuzz/main.ts', '--seconds', '4', '--seed', '4'];
  const { status, stdout, stderr } = await run([process.execPath, ...command]);
  t.is(status, 0, stdout + stderr);
  t.regex(stdout, new RegExp(`over ${transports.map(({ name }) => name).join(' and ')}$`, 'm'));
  t.regex(stdout, /^[1-9]\d* sessions .* [1-9]\d* decoder calls$/m);
  t.regex(stdout, /^fuzz: nothing found$/m);
});

test('a seed gives the same scripts each time, and another seed others', (t) => {
  const corpus = loadCorpus();
  const scripts = (seed: number) =>
    Array.from({ length: 200 }, (_none, at) => formatScript(makeScript(new Random(seed, at), corpus)));
  t.deepEqual(scripts(7), scripts(7));
  t.notDeepEqual(scripts(7), scripts(8));
  t.true(new Set(scripts(7)).size > 150);
});

test('a script that was written down reads back', (t) => {
  for (const script of loadSeeds()) {
    const text = formatScript(script);
    t.is(formatScript(parseScript(text)), text);
  }
  t.is(
    formatScript(parseScript('0401{echo}{here}"ab"00 await udp:n"c" fin')),
    '0401e1c07f4d0001616200 await udp:0163 fin',
  );
  t.throws(() => parseScript('05 whatever'), { message: /whatever/ });
});

const CONNECT = '050100 05010001 7f4d0001 e1c0';
const OK = '0500 05000001 7f000001 1234';
const BREACHES: readonly (readonly [sent: string, answer: string, breach: RegExp])[] = [
  ['47455420', '05ff', /another protocol/],
  ['050100', '0502', /not offered/],
  ['0501', '0500', /before the greeting/],
  ['050100', '05ff00', /after the last word/],
  ['050104', '0504', /that there is not/],
  ['050101', '0501 01020000', /type 2/],
  ['050101', '0501 01ff00', /after the last word/],
  ['050100', '0400', /version/],
  ['050102 0101', '0502 0100', /before the login/],
  ['050102 01016101 62', '0502 0102', /status/],
  ['050102 01016101 62', '0502 0101 05', /after the last word/],
  ['050103 0101110185', '0503 02', /cut/],
  ['050103 0101110185', '0503 01010001ff 05', /after the last word/],
  [CONNECT, '0500 05090001 00000000 0000', /malformed reply/],
  [CONNECT, '0500 05010101 00000000 0000', /malformed reply/],
  [CONNECT, '0500 05010001 7f000001 0000', /failure with an address/],
  [CONNECT, '0500 05050001 00000000 0000 05', /after the last word/],
  [CONNECT, '0500 05000003 0161 0000', /ATYP 03/],
  ['050100', OK, /before the request/],
  ['050100 05010001 7f', OK, /before the request/],
  ['050100 05030001 00000000 0000', `${OK} 00`, /after the last word/],
  ['050100 05020001 00000000 0000', `${OK} 05040001 00000000 0000 00`, /after the last word/],
  ['0401e1c07f4d000100', '045b000000000000', /malformed SOCKS4/],
  ['0401e1c07f4d000100', '005b00000000000000', /after the last word/],
  ['0401e1c07f4d0001', '005a000000000000', /before the request/],
];

for (const [sent, answer, breach] of BREACHES) {
  test(`the answer ${answer || 'nothing'} to ${sent} is a breach: ${breach.source}`, (t) => {
    const conversation = readConversation(hex(sent), hex(answer));
    t.regex(conversation.breach ?? (conversation.cut ? 'cut' : 'none'), breach);
  });
}

const PLAYED = { clientPort: 1, sentDatagrams: [], datagrams: [], finished: true } as const;
const PORTS = { echo: 0xe1c0, closed: 0xe1c1 };

test('how a session may end', (t) => {
  const verdict = (answer: string, ending: 'fin' | 'reset' | 'self' | 'late', sent = CONNECT) =>
    judge({ ...PLAYED, sent: hex(sent), answer: hex(answer), ending }, PORTS).breach;
  t.is(verdict('0500 05050001 00000000 0000', 'fin'), undefined);
  t.is(verdict(OK, 'reset'), undefined);
  t.is(verdict('05', 'self'), undefined);
  t.regex(verdict('05', 'fin') ?? '', /middle/);
  t.regex(verdict('0500', 'late') ?? '', /outlived/);
  t.regex(verdict('0500', 'reset') ?? '', /RST/);
  t.is(verdict(`${OK} 6162`, 'fin', `${CONNECT} 6162`), undefined);
  t.regex(verdict(`${OK} 61`, 'fin', `${CONNECT} 6162`) ?? '', /lost/);
  t.regex(verdict(`${OK} 63`, 'fin', `${CONNECT} 6162`) ?? '', /other bytes/);
});

test('which datagrams may come back', (t) => {
  const sent = hex('050100 05030001 00000000 0000');
  const verdict = (datagram: string) =>
    judge(
      {
        ...PLAYED,
        sent,
        answer: hex(OK),
        ending: 'fin',
        sentDatagrams: [hex('00000001 7f4d0001 e1c0 6162')],
        datagrams: [{ bytes: hex(datagram), port: 0x1234 }],
      },
      PORTS,
    ).breach;
  t.is(verdict('00000001 7f4d0001 e1c0 6162'), undefined);
  t.regex(verdict('00000001 7f4d0002 e1c0 6162') ?? '', /true source/);
  t.regex(verdict('00000001 7f4d0001 e1c0 6163') ?? '', /nobody sent/);
});

test('decoders that break a property are found out', (t) => {
  const bytes = hex('0102');
  t.regex(breachOf(() => ({ kind: 'more', atLeast: 2 }), bytes) ?? '', /wants 2 bytes/);
  t.regex(breachOf(() => ({ kind: 'done', value: 1, size: 3 }), bytes) ?? '', /size of 3/);
  t.regex(breachOf(() => ({ kind: 'done', value: 1, size: 2 }), bytes) ?? '', /more after 0/);
  t.regex(breachOf((given) => ({ kind: 'done', value: given.length, size: 1 }), bytes) ?? '', /what follows/);
  t.regex(breachOf(() => JSON.parse('{') as never, bytes) ?? '', /throws/);
  const fickle = (given: Uint8Array) =>
    given.length > 2
      ? ({ kind: 'more', atLeast: 9 } as const)
      : ({ kind: 'bad', code: 'MESSAGE_MALFORMED' } as const);
  t.regex(breachOf(fickle, bytes) ?? '', /when more follows/);
});

test('what was found is cut down to the least that shows it', async (t) => {
  const harmless = parseScript('050100 fin');
  const harmful = parseScript('0501 00aabbccddee await ff fin');
  const shows = (scripts: readonly Script[]) =>
    Promise.resolve(scripts.some((script) => formatScript(script).includes('bbcc')));
  const suspects = [harmless, harmless, harmful, harmless];
  t.deepEqual((await minimise(suspects, shows, 5000)).map(formatScript), ['bbcc']);
  t.deepEqual(await minimise([harmless], shows, 5000), [harmless]);
});
