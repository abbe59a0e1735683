// What --explain says is what a session does, whatever the configuration and the request are.
import test from 'ava';
import fc from 'fast-check';
import { configOf, loadFile } from '../support/configuration.ts';
import { formatTold, toldOf, type Told } from '../support/explained.ts';
import { NAMES, PROXY, stepsOf, type AskedSession } from '../support/itineraries.ts';

const SEED = 20_261_130;

/** `usual` in three of four cases. */
function often<T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(usual), weight: 3 }, { arbitrary: other, weight: 1 });
}

const places = fc.constantFrom(
  '*',
  '*',
  '*',
  '.test',
  'two.test',
  '10.0.0.0/8',
  '198.51.100.1',
  '127.0.0.0/8',
);
const ports = fc.constantFrom('', ':80', ':81');
const denied = fc.constantFrom('', '!');
const commands = fc.constantFrom('connect', 'bind', 'assoc');

const ways = fc.constantFrom(
  '',
  ` ${PROXY} 1080/5`,
  ` ${PROXY} 8080/H`,
  ` ${PROXY} 8080/H`,
  ` ${PROXY} 1080/5 | direct`,
  ` direct | ${PROXY} 1080/5`,
  ` ${PROXY} 8080/H | ${PROXY} 1080/5`,
);
const route = fc
  .tuple(places, fc.constantFrom('any', '80'), ways, fc.constantFrom('', ' names=local'))
  .map(([place, port, way, names]) => `route = ${place} ${port}${way}${way === '' ? '' : names}`);
const request = fc
  .tuple(denied, fc.oneof(fc.constant('all'), commands), places, ports, fc.constantFrom('', ' user=*'))
  .map(([not, command, place, port, who]) => `request = ${not}${command}:${place}${port}${who}`);
const network = fc
  .tuple(denied, fc.constantFrom('*', '127.0.0.0/8', '10.0.0.0/8', '203.0.113.0/24'))
  .map(([not, place]) => `network = ${not}${place}`);
/** Most lists end with what lets others pass: requests that are denied show little. */
const lists = fc
  .record({
    networks: often<string[]>([], fc.array(network, { minLength: 1, maxLength: 2 })),
    requests: fc.array(request, { maxLength: 2 }),
    last: fc.constantFrom('request = all:*', 'request = all:*', ''),
  })
  .map(({ networks, requests, last }) => [...networks, ...requests, ...(last === '' ? [] : [last])]);

const configuration = fc
  .record({
    routes: fc.array(route, { maxLength: 2 }),
    global: lists,
    logins: fc.subarray(['auth = /users', 'anonymous = yes', 'whitelist = 203.0.113.0/24']),
    staff: often<string[] | null>(null, lists),
  })
  .map(({ routes, global, logins, staff }) => ({
    text: [...routes, ...logins, ...global, ...(staff === null ? [] : ['[staff]', ...staff])].join('\n'),
    hasUsers: logins.includes('auth = /users'),
  }));

const asked = fc.record({
  command: commands,
  target: fc.constantFrom(...Object.keys(NAMES), 'inner', '10.0.0.5', '198.51.100.1', '127.0.0.1'),
  client: often('127.0.0.1', fc.constantFrom('10.1.2.3', '203.0.113.9')),
  isUser: fc.boolean(),
});

test('what explain() says is what a session does', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      configuration,
      asked,
      async ({ text, hasUsers }, { command, target, client, isUser }) => {
        const config = configOf(loadFile(text));
        const user = isUser && hasUsers ? 'ann' : undefined;
        const session: AskedSession = {
          command: command,
          target: `${target}:80`,
          client,
          user,
        };
        const steps = await stepsOf(config, session);
        const told = await toldOf(config, session);
        const problem = whyNot(session, told, steps);
        if (problem !== undefined)
          throw new Error(`${problem}: told ${formatTold(told)}; did ${steps.join(', ')}`);
      },
    ),
    {
      seed: SEED,
      numRuns: 800,
      examples: [
        // UDP ASSOCIATE itself is refused, although this name would need no proxy.
        [
          { text: `route = * any ${PROXY} 8080/H`, hasUsers: false },
          { command: 'assoc', target: 'localhost', client: '127.0.0.1', isUser: false },
        ],
      ],
    },
  );
  t.pass();
});

const REFUSALS = [
  ...['CLIENT_DENIED', 'CLIENT_NOT_LOCAL', 'METHOD_UNACCEPTABLE', 'REQUEST_DENIED', 'GUARD_DENIED', 'denied'],
];
/** Of UDP, whose routes lead nowhere. */
const LOSSES = ['no-udp', 'PROXY_WITHOUT_UDP'];

const MISSING = ['NAME_NOT_FOUND', 'unresolved'];

/** undefined: the steps are what was told. */
function whyNot(session: AskedSession, told: readonly Told[], steps: readonly string[]): string | undefined {
  const done = steps.slice(0, -1).filter((step) => !step.startsWith('look up '));
  const end = steps.at(-1) ?? '';
  const results = new Set(told.map(({ result }) => result));
  if (results.has('missing')) {
    return done.length === 0 && MISSING.includes(end) ? undefined : 'it finds the name';
  }
  if (!results.has('allowed')) {
    if (done.length > 0) return 'it goes';
    const expected =
      results.has('dropped') || session.command === 'assoc' ? [...REFUSALS, ...LOSSES] : REFUSALS;
    return expected.includes(end) ? undefined : 'it ends as something else';
  }
  if (REFUSALS.includes(end) && done.length === 0 && !mayBeDeniedLater(told)) return 'it is refused';
  const allowed = told
    .filter(({ result }) => result === 'allowed')
    .map((each) => expectedSteps(session, each));
  return isExpected(session, allowed, done) ? undefined : 'it goes another way';
}

/** Nothing is told about the addresses of a name that a proxy looks up, although a way of its route may lead straight there. */
function mayBeDeniedLater(told: readonly Told[]): boolean {
  return told.some((each) => travels(each) && waysOf(each).includes('direct'));
}

function travels({ address, stages }: Told): boolean {
  return address !== undefined && !stages.some((stage) => stage.startsWith('address '));
}

function isExpected(
  { command }: AskedSession,
  allowed: readonly (readonly string[] | undefined)[],
  done: readonly string[],
): boolean {
  if (allowed.includes(undefined)) return true;
  // Every address is tried, by a way that was found broken at another one last.
  if (command === 'connect') return sorted(done) === sorted(allowed.flatMap((each) => each ?? []));
  return allowed.some((each) => each?.join(', ') === done.join(', '));
}

function sorted(steps: readonly string[]): string {
  return [...new Set(steps)].sort().join(', ');
}

/** What is done about one address or a name that travels; undefined: the answer does not say all of it. */
function expectedSteps({ command, target }: AskedSession, told: Told): readonly string[] | undefined {
  const [name = ''] = target.split(':');
  const isAddress = /^[\d.]+$/.test(name);
  const place = `${travels(told) || isAddress ? name : (told.address ?? '')}:80`;
  const ways = waysOf(told);
  if (travels(told) && ways.includes('direct') && command !== 'assoc') return undefined;
  if (command === 'assoc')
    return [ways.includes('straight') ? `datagram ${place}` : `proxy datagram ${place}`];
  // HTTP has no BIND.
  if (command === 'bind' && ways.includes('8080')) return undefined;
  const steps = ways.map((way) => {
    if (way === 'straight' || way === 'direct') return command === 'connect' ? `dial ${place}` : 'wait here';
    return `proxy ${way} ${command} ${place}`;
  });
  // Where BIND waits here nothing is tried after it.
  const here = steps.indexOf('wait here');
  return here < 0 ? steps : steps.slice(0, here + 1);
}

/** `straight`, or the ports of proxies and `direct` in their order. */
function waysOf({ routes: [route = 'straight'] }: Told): readonly string[] {
  const [, ways] = / through (.*)$/.exec(route) ?? [];
  return ways === undefined ? ['straight'] : ways.split(' | ').map((way) => way.split(':')[1] ?? way);
}
