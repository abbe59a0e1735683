// The same conversations with the microsocks of Debian and with what stands in its place; where the two differ is data.
import test, { type ExecutionContext } from 'ava';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { dialWire, listenTarget, type Wire } from '../support/sockets.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { microsocksWith } from '../support/upstreams.ts';

const LOGIN = { user: 'joe', password: 's3cret' };
const USER = ['-u', LOGIN.user, '-P', LOGIN.password];
const NOBODY: readonly string[] = [];
const GOOD = '01036a6f6506733363726574';
const BAD = '01036a6f6506733363726575';

/** `>` sends hex, `<` takes so many bytes, or what there is up to the end of the stream, `fin` ends our side. */
type Step = `${'>' | '<'}${string}` | 'fin';

interface Conversation {
  readonly what: string;
  readonly args: readonly string[];
  /** `{echo}` is the port of a server that sends back what it gets. */
  readonly steps: readonly Step[];
  /** What is heard; the address and port of a reply are written `ADDRESS` where they are not zero. */
  readonly theirs: string;
  /** Where it differs, and it is better so. */
  readonly ours?: string;
}

const ECHO = '>050100017f000001{echo}';

const CONVERSATIONS: readonly Conversation[] = [
  { args: NOBODY, what: 'an offer of what nobody has', steps: ['>050180', '<2', 'fin'], theirs: '05ff' },
  {
    args: NOBODY,
    what: 'CONNECT to an address, which we name in the reply',
    steps: ['>050100', '<2', ECHO, '<10', '>6869', '<2'],
    theirs: '0500 05000001000000000000 6869',
    ours: '0500 05000001ADDRESS 6869',
  },
  {
    args: NOBODY,
    what: 'CONNECT to a name',
    steps: ['>050100', '<2', '>05010003096c6f63616c686f7374{echo}', '<10', '>6869', '<2'],
    theirs: '0500 05000001000000000000 6869',
    ours: '0500 05000001ADDRESS 6869',
  },
  {
    args: NOBODY,
    what: 'CONNECT to a closed port',
    steps: ['>050100', '<2', '>050100017f0000010001', '<10', 'fin'],
    theirs: '0500 05050001000000000000',
  },
  {
    args: NOBODY,
    what: 'a command that nobody knows',
    steps: ['>050100', '<2', '>050900017f000001{echo}', '<10', 'fin'],
    theirs: '0500 05070001000000000000',
  },
  {
    args: NOBODY,
    what: 'a type of address that nobody knows',
    steps: ['>050100', '<2', '>050100097f000001{echo}', '<10', 'fin'],
    theirs: '0500 05080001000000000000',
  },
  {
    args: NOBODY,
    what: 'UDP ASSOCIATE, which we have',
    steps: ['>050100', '<2', '>05030001000000000000', '<10', 'fin'],
    theirs: '0500 05070001000000000000',
    ours: '0500 05000001ADDRESS',
  },
  {
    args: NOBODY,
    what: 'SOCKS4, which we have',
    steps: ['>0401{echo}7f00000100', '<8', 'fin'],
    theirs: '05ff',
    ours: '005aADDRESS',
  },
  {
    args: NOBODY,
    what: 'all at once, of which we lose nothing',
    steps: ['>050100050100017f000001{echo}6869', 'fin', '<2', '<10', '<2'],
    theirs: '0500',
    ours: '0500 05000001ADDRESS 6869',
  },
  { what: 'no login where one is needed', args: USER, steps: ['>050100', '<2', 'fin'], theirs: '05ff' },
  {
    what: 'a login',
    args: USER,
    steps: ['>05020002', '<2', `>${GOOD}`, '<2', ECHO, '<4'],
    theirs: '0502 0100 05000001',
  },
  {
    what: 'a wrong password; the status is not zero in either',
    args: USER,
    steps: ['>050102', '<2', `>${BAD}`, '<2', 'fin'],
    theirs: '0502 0102',
    ours: '0502 0101',
  },
  {
    what: 'SOCKS4 where a login is needed',
    args: USER,
    steps: ['>0401{echo}7f00000100', '<8', 'fin'],
    theirs: '05ff',
    ours: '005b000000000000',
  },
];

for (const args of [NOBODY, USER]) {
  test(`microsocks ${args.join(' ')}: the answers are the same, or better`, async (t) => {
    const echo = await echoServer(t);
    const debian = await microsocksWith(t, args);
    const { port } = await dropIn(t, args);
    for (const { what, steps, theirs, ours = theirs } of CONVERSATIONS.filter((each) => each.args === args)) {
      t.is(await converse(debian, steps, echo), theirs, `${what}: the one of Debian`);
      t.is(await converse(port, steps, echo), ours, `${what}: ours`);
    }
  });
}

test('microsocks -1: who has logged in once need not do so again, in either', async (t) => {
  const args = ['-1', ...USER];
  for (const port of [await microsocksWith(t, args), (await dropIn(t, args)).port]) {
    const echo = await echoServer(t);
    t.is(await greet(port, '127.0.0.1'), '05ff');
    (await connectThrough(port, echo, LOGIN)).socket.destroy();
    t.is(await greet(port, '127.0.0.1'), '0500');
    t.is(await greet(port, '127.0.0.2'), '05ff', 'another address has not');
  }
});

test('microsocks -b: connections come from there, in either', async (t) => {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const args = ['-b', '127.0.0.2'];
  for (const port of [await microsocksWith(t, args), (await dropIn(t, args)).port]) {
    const wire = await connectThrough(port, target.port);
    t.is((await target.accept()).socket.remoteAddress, '127.0.0.2');
    wire.socket.destroy();
  }
});

test('microsocks -w: those on the list need no login, and a login puts nobody on it', async (t) => {
  const { port } = await dropIn(t, ['-w', '127.0.0.2,localhost', ...USER]);
  const echo = await echoServer(t);
  t.is(await greet(port, '127.0.0.2'), '0500');
  t.is(await greet(port, '127.0.0.1'), '0500', 'by its name');
  t.is(await greet(port, '127.0.0.3'), '05ff');
  const wire = await dialWire(port, '127.0.0.1', '127.0.0.3');
  t.is(await play(wire, ['>050102', '<2', `>${GOOD}`, '<2'], echo), '0502 0100');
  t.is(await greet(port, '127.0.0.3'), '05ff');
});

/** With its log, and on the transport that is tested. */
function dropIn(t: ExecutionContext, args: readonly string[]): Promise<Daemon> {
  return startDaemon(t, ['--as', 'microsocks'], { listen: ['--', '-i', '127.0.0.1', '-p', '0', ...args] });
}

async function converse(port: number, steps: readonly Step[], echo: number): Promise<string> {
  return play(await dialWire(port), steps, echo);
}

/** What is heard, answer by answer, up to the end of the script or of the stream. */
async function play(wire: Wire, steps: readonly Step[], echo: number): Promise<string> {
  const heard: string[] = [];
  for (const step of steps) {
    const hex = step.slice(1).replace('{echo}', echo.toString(16).padStart(4, '0'));
    if (step.startsWith('>')) wire.send(Buffer.from(hex, 'hex'));
    else if (step === 'fin') wire.socket.end();
    else heard.push(show(await wire.take(Number(step.slice(1))).catch(() => wire.rest())));
  }
  wire.socket.destroy();
  return heard.filter((each) => each !== '').join(' ');
}

function show(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  const bound = hex.slice(-12);
  const isReply = (bytes.length === 10 || (bytes.length === 8 && bytes[0] === 0)) && !/^0*$/.test(bound);
  return isReply ? `${hex.slice(0, -12)}ADDRESS` : hex;
}
