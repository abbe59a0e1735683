import test from 'ava';
import type { FaultCode } from '../../src/base/fault.ts';
import { parseIp } from '../../src/base/ip.ts';
import type { Identity } from '../../src/policy/identity.ts';
import type { SessionFacts } from '../../src/session/events.ts';
import { objectionTo, type Admission } from '../../src/session/server/recheck.ts';
import { policy, section } from '../support/policy.ts';

const USER: Identity = { kind: 'user', name: 'ann', group: 'old' };
const UNNAMED: Identity = { kind: 'anonymous', userId: undefined };
const at = (ip: string, port: number) => ({ ip: parseIp(ip)!, port });

function session(changes: Partial<SessionFacts> = {}): SessionFacts {
  return {
    id: 1,
    client: at('10.0.0.1', 5000),
    startedAtMs: 0,
    identity: USER,
    command: 'connect',
    destination: { kind: 'name', name: 'example.org', port: 443 },
    dialled: at('192.0.2.1', 443),
    ...changes,
  };
}

interface Rules {
  readonly request?: string;
  readonly network?: string;
  readonly group?: string;
  readonly gone?: boolean;
  readonly anonymous?: boolean;
  readonly noUsers?: boolean;
  readonly trusted?: boolean;
}

function admission(rules: Rules): Admission {
  const { network, request } = rules;
  const texts = {
    ...(network === undefined ? {} : { network }),
    ...(request === undefined ? {} : { request }),
  };
  return {
    policy: policy({
      rules: section('', texts),
      hasUsers: rules.noUsers !== true,
      anonymous: rules.anonymous === true,
      named: [section('new', { request: 'connect:*:80' })],
    }),
    findUser: (name) =>
      rules.gone === true || name !== 'ann' ? undefined : { kind: 'user', name, group: rules.group },
    trusts: () => rules.trusted === true,
  };
}

const CASES: readonly (readonly [string, Partial<SessionFacts>, Rules, FaultCode | undefined])[] = [
  ['nothing has changed', {}, {}, undefined],
  [
    'rules with addresses do not allow a name that went to a proxy',
    { dialled: undefined, via: '192.0.2.9:1080' },
    { request: 'connect:192.0.2.0/24' },
    'REQUEST_DENIED',
  ],
  [
    'nor do they deny it',
    { dialled: undefined, via: '192.0.2.9:1080' },
    { request: '!connect:192.0.2.0/24 connect:.org' },
    undefined,
  ],
  ['the client comes from a network that is denied now', {}, { network: '!10.0.0.0/8 *' }, 'CLIENT_DENIED'],
  [
    'that holds before anything is known of it',
    { identity: undefined },
    { network: '!10.0.0.0/8' },
    'CLIENT_DENIED',
  ],
  ['a client of whom nothing else is known yet stays', { identity: undefined }, { gone: true }, undefined],
  ['the user has gone', {}, { gone: true }, 'LOGIN_FAILED'],
  ['the group is another one now, whose rules deny it', {}, { group: 'new' }, 'REQUEST_DENIED'],
  [
    'an address is denied, although the name was asked for',
    {},
    { request: '!all:192.0.2.0/24 all:*' },
    'REQUEST_DENIED',
  ],
  ['the name is denied', {}, { request: '!all:.example.org all:*' }, 'REQUEST_DENIED'],
  ['a port is denied', {}, { request: '!all:*:443 all:*' }, 'REQUEST_DENIED'],
  ['another command is denied', {}, { request: '!bind:* all:*' }, undefined],
  ['the guard, too', { dialled: at('127.0.0.1', 443) }, {}, 'GUARD_DENIED'],
  [
    'a handshake that has not dialled yet is asked about its name',
    { dialled: undefined },
    { request: '!all:.org all:*' },
    'REQUEST_DENIED',
  ],
  [
    'and about its address',
    { dialled: undefined, destination: { kind: 'ip', ...at('192.0.2.9', 443) } },
    { request: '!all:192.0.2.9 all:*' },
    'REQUEST_DENIED',
  ],
  ['BIND by who came', { command: 'bind' }, { request: '!bind:192.0.2.1 all:*' }, 'REQUEST_DENIED'],
  [
    'BIND by the name alone where a proxy has looked it up, whoever came',
    { command: 'bind', via: '192.0.2.9:1080', isBoundByName: true, dialled: at('127.0.0.1', 20) },
    { request: '!bind:127.0.0.0/8 bind:.org' },
    undefined,
  ],
  [
    'and by no address that would allow it',
    { command: 'bind', via: '192.0.2.9:1080', isBoundByName: true },
    { request: 'bind:192.0.2.0/24' },
    'REQUEST_DENIED',
  ],
  [
    'UDP where none is allowed',
    { command: 'assoc', dialled: undefined },
    { request: 'connect:*' },
    'REQUEST_DENIED',
  ],
  [
    'UDP where some is',
    { command: 'assoc', dialled: undefined },
    { request: 'assoc:192.0.2.7 connect:*' },
    undefined,
  ],
  ['unnamed, and users must log in now', { identity: UNNAMED }, {}, 'METHOD_UNACCEPTABLE'],
  ['unnamed, on the whitelist', { identity: UNNAMED }, { trusted: true }, undefined],
  ['unnamed, and that is allowed', { identity: UNNAMED }, { anonymous: true }, undefined],
  ['unnamed, and there are no users', { identity: UNNAMED }, { noUsers: true }, undefined],
  [
    'unnamed, from outside, where no rule says anything',
    { identity: UNNAMED, client: at('203.0.113.5', 1) },
    { anonymous: true },
    'CLIENT_NOT_LOCAL',
  ],
  [
    'the same, but trusted',
    { identity: UNNAMED, client: at('203.0.113.5', 1) },
    { trusted: true },
    undefined,
  ],
];

for (const [title, facts, rules, code] of CASES) {
  test(`objectionTo() says ${code ?? 'nothing'}: ${title}`, (t) => {
    t.is(objectionTo(session(facts), admission(rules))?.code, code);
  });
}
