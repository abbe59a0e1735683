import { readFileSync } from 'node:fs';
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { Counters } from '../../src/daemon/report/counters.ts';
import { eachMeasure, MEASURE_NAMES, MEASURES, type Totals } from '../../src/observe/measures.ts';
import type { SessionEvent, SessionFacts } from '../../src/session/events.ts';
import { loopback } from '../support/server.ts';

const fault = new Fault('LOGIN_FAILED');
const session = { id: 1, client: loopback(5000) } as SessionFacts;

/** Each kind of event, and what is counted of it. */
const CASES: readonly (readonly [SessionEvent, Partial<Totals>])[] = [
  [{ kind: 'accepted', session }, { accepted: 1 }],
  [{ kind: 'turnedAway', client: undefined, fault, count: 12 }, { turnedAway: 12 }],
  [{ kind: 'loginFailed', session, user: 'ann', fault }, { loginsFailed: 1 }],
  [{ kind: 'refused', session, fault, rep: undefined }, { refused: 1 }],
  [{ kind: 'listening', session, bound: loopback(6000) }, {}],
  [{ kind: 'stranger', session, peer: loopback(7000), fault, count: 3 }, {}],
  [{ kind: 'connected', session, bound: loopback(6000) }, {}],
  [
    { kind: 'ended', session, bytesUp: 5, bytesDown: 700, seconds: 1, endedBy: 'client-fin' },
    { ended: 1, bytesUp: 5, bytesDown: 700 },
  ],
];

for (const [event, counted] of CASES) {
  test(`what ${event.kind} adds, each time, before it is passed on`, (t) => {
    const passed: unknown[] = [];
    const counters = new Counters((each) => passed.push(each, { ...counters.totals }));
    const once = { ...eachMeasure(() => 0), ...counted };
    counters.report(event);
    t.deepEqual(passed, [event, once]);
    counters.report(event);
    const twice = eachMeasure((name) => 2 * once[name]);
    t.deepEqual(counters.totals, twice);
  });
}

test('the documents tell each measure by its name and its field', (t) => {
  const protocol = readFileSync('docs/control.md', 'utf8');
  for (const name of MEASURE_NAMES) t.true(protocol.includes(`\`${name}\``), name);
  const fields = MEASURE_NAMES.map((name) => MEASURES[name].field);
  t.is(new Set(fields).size, fields.length);
});
