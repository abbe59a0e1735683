// Request rules in tests: text in, the parts of what was read as words out.
import { ipFromBytes } from '../../src/base/ip.ts';
import type { AddressSpan, Place, RequestRule, WordPattern } from '../../src/config/model/config.ts';
import { parseRequestList } from '../../src/config/rules/patterns.ts';
import type { Parsed } from '../../src/config/values/parsed.ts';

export const ORIGIN = { file: 'x.conf', line: 7 };

/** Knows one service. */
export function readRequest(text: string): Parsed<readonly RequestRule[]> {
  return parseRequestList(text, {
    origin: ORIGIN,
    portOf: (service) => (service === 'smtp' ? 25 : undefined),
  });
}

/** `VERDICT COMMAND PLACE [PORTS] [CONDITION]...` */
export function showRequest({ verdict, command, place, ports, conditions }: RequestRule): string {
  const { user, group, userid, client, time } = conditions;
  return [
    ...[verdict, command, showPlace(place)],
    ...(ports === undefined ? [] : [`${ports.low}-${ports.high}`]),
    ...user.map((pattern) => `user=${showPattern(pattern)}`),
    ...group.map((pattern) => `group=${showPattern(pattern)}`),
    ...userid.map((pattern) => `userid=${showPattern(pattern)}`),
    ...client.map((span) => `client=${showSpan(span)}`),
    ...time.map(({ days, from, to }) => `time=${[...days].sort().join('')}@${from}-${to}`),
  ].join(' ');
}

function showPlace(place: Place): string {
  switch (place.kind) {
    case 'any':
      return '*';
    case 'addresses':
      return showSpan(place.span);
    case 'name':
      return place.name;
    case 'suffix':
      return place.suffix;
  }
}

function showSpan({ low, high }: AddressSpan): string {
  return `${ipFromBytes(low)}-${ipFromBytes(high)}`;
}

function showPattern({ start, end }: WordPattern): string {
  return end === undefined ? start : `${start}*${end}`;
}
