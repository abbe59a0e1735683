// `route { from to via }` of a sockd.conf as a line of `route`. A destination that Dante does not reach, or only through a proxy,
// is never reached directly here without the operator saying so.
import { parseIp } from '../base/ip.ts';
import type { PortRange } from '../config/model/config.ts';
import { quote, value, wrong, type Parsed } from '../config/values/parsed.ts';
import type { DanteFacts } from './facts.ts';
import { left, missing, note, setting, type Piece } from './piece.ts';
import {
  clientsOf,
  type DanteTarget,
  formatPlaceBlock,
  parseDanteTarget,
  saysNothingOfPorts,
} from './place.ts';
import { whyUnread } from './rule.ts';
import type { DanteField, Statement } from './statements.ts';

/** A line for each block of addresses and each range of ports; only CONNECT can follow such a route. */
export function convertRoute(
  line: number,
  fields: readonly DanteField[],
  facts: DanteFacts,
): readonly Piece[] {
  const find = (key: string): DanteField | undefined => fields.find((field) => field.key === key);
  const to = find('to');
  const via = readVia(find('via'), typeOf(find('proxyprotocol')), facts);
  const goals = to === undefined ? value(['* any']) : readGoals(to, facts);
  const obstacles = [
    ...fields.flatMap((field) => routeObstacleOf(field, facts) ?? []),
    ...whyUnread(find('via'), via),
    ...whyUnread(to, goals),
  ];
  if (obstacles.length > 0 || via.kind === 'wrong' || goals.kind === 'wrong') {
    return [...obstacles, note(line, 'so this route is left out'), ...stopWithout(line, fields)];
  }
  const names = via.value === '' || !facts.rulesNameAddresses ? '' : ' names=local';
  return goals.value.map((goal) => setting(line, 'route', `${goal}/T${via.value}${names}`));
}

/** Traffic that Dante sends through a proxy would go out directly. */
function stopWithout(line: number, fields: readonly DanteField[]): readonly Piece[] {
  const isStraight = fields.some(({ key, values }) => key === 'via' && values[0] === 'direct');
  return isStraight || !isAboutConnect(fields) ? [] : [{ kind: 'stop', line, text: WRITE_ROUTE }];
}

const WRITE_ROUTE =
  'write route = ... in the place of this line; without it connections leave straight that Dante sends to a proxy';

/** Dante with routes reaches nothing else; here, without a route everything is reached directly. */
export function missingRoute(statements: readonly Statement[], facts: DanteFacts): readonly Piece[] {
  const routes = statements.filter((each) => each.kind === 'block').filter(({ head }) => head === 'route');
  const [first] = routes;
  const families = new Set(routes.flatMap(({ fields }) => wholeFamilies(fields, facts)));
  const all = facts.targetFamily === undefined ? [4 as const, 6 as const] : [facts.targetFamily];
  return first === undefined || all.every((family) => families.has(family))
    ? []
    : missing(first.line, 'route', 'Dante reaches nothing to which none of its routes leads', WRITE_REST);
}

const WRITE_REST =
  'write route = * any/T PROXY PORT for the other destinations, or remove this line: they are then reached straight';

/** The families in which a route leads all clients to all destinations. */
function wholeFamilies(fields: readonly DanteField[], facts: DanteFacts): readonly (4 | 6)[] {
  const from = clientsOf(
    fields.find(({ key }) => key === 'from'),
    facts,
  );
  const target = parseDanteTarget(fields.find(({ key }) => key === 'to')?.values ?? ['0/0'], facts.host);
  const isForAll = from.kind === 'value' && from.value === undefined && isAboutConnect(fields);
  if (!isForAll || target.kind === 'wrong' || !saysNothingOfPorts(target.value)) return [];
  const { place } = target.value;
  if (place.kind === 'family') return [place.family];
  return place.kind === 'everything' ? [4, 6] : [];
}

/** `DESTINATION PORTS`, for each block and each range. */
function readGoals(to: DanteField, facts: DanteFacts): Parsed<readonly string[]> {
  const target = parseDanteTarget(to.values, facts.host);
  if (target.kind === 'wrong') return target;
  const places = routePlacesOf(target.value, facts);
  if (places.kind === 'wrong') return places;
  const ports = target.value.ports?.map(formatRange) ?? ['any'];
  return value(places.value.flatMap((place) => ports.map((range) => `${place} ${range}`)));
}

const HANDLED = ['from', 'to', 'via', 'proxyprotocol', 'protocol', 'command', 'method', 'socksmethod'];

function routeObstacleOf(field: DanteField, facts: DanteFacts): Piece | undefined {
  const { key, line, values } = field;
  if (key === 'from') {
    const clients = clientsOf(field, facts);
    const isAll = clients.kind === 'value' && clients.value === undefined;
    return isAll ? undefined : left(line, key, 'a route is for all clients');
  }
  if (!isAboutConnect([field])) return left(line, key, CONNECT_ONLY);
  if (key.endsWith('method') && !values.includes('none')) {
    return left(
      line,
      key,
      'the password of a client is not handed on; write the login into a file for proxy-auth',
    );
  }
  return HANDLED.includes(key)
    ? undefined
    : left(line, key, `a route cannot ask for ${quote(values.join(' '))}`);
}

function isAboutConnect(fields: readonly DanteField[]): boolean {
  return fields.every(
    ({ key, values }) =>
      (key !== 'command' || values.includes('connect')) && (key !== 'protocol' || values.includes('tcp')),
  );
}

const CONNECT_ONLY = 'Dante sends CONNECT alone through proxies';

function typeOf(field: DanteField | undefined): string | undefined {
  const words = field?.values ?? [];
  const isOld = words.some((word) => /^(?:socks|socks_v4|socks_v4\.2)$/.test(word));
  const isNew = words.some((word) => /^(?:socks|socks_v5)$/.test(word));
  if (words.length === 0 || (isOld && isNew)) return '/S';
  if (isOld) return '/4';
  if (isNew) return '/5';
  return words.some((word) => /^http(?:_v1\.[01])?$/.test(word)) ? '/H' : undefined;
}

const DEFAULT_PORT = '1080';

/** ` PROXY PORT/TYPE`, or nothing for `direct`. */
function readVia(
  field: DanteField | undefined,
  type: string | undefined,
  { host }: DanteFacts,
): Parsed<string> {
  const [proxy = '', , ...rest] = field?.values ?? [];
  if (proxy === 'direct') return value('');
  if (type === undefined) return wrong('a proxy speaks SOCKS4, SOCKS5 or HTTP here');
  const target = parseDanteTarget(['0/0', 'port', ...(rest.length === 0 ? [DEFAULT_PORT] : rest)], host);
  if (target.kind === 'wrong') return target;
  const port = target.value.ports?.[0]?.low ?? 0;
  const name = parseIp(proxy)?.includes(':') ? `[${proxy}]` : proxy;
  return value(` ${name} ${port}${type}`);
}

function routePlacesOf({ place }: DanteTarget, { targetFamily }: DanteFacts): Parsed<readonly string[]> {
  switch (place.kind) {
    case 'everything':
      return value(['*']);
    case 'family':
      if (targetFamily === place.family) return value(['*']);
      return value([place.family === 4 ? '0.0.0.0' : '[::]']);
    case 'blocks':
      return value(place.blocks.map(formatPlaceBlock));
    case 'name':
      return wrong('a name in a route stands for all names below it as well');
    case 'suffix':
      return value([place.suffix.slice(1)]);
  }
}

function formatRange({ low, high }: PortRange): string {
  return low === high ? `${low}` : `${low}-${high}`;
}
