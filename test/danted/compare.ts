// Does ours pass what Dante stops, without having said so?
import { isIPv6 } from 'node:net';
import { Random } from '../fuzz/random.ts';
import { PORT, startPair, type Refused } from './pair.ts';
import { ask, makeRequest, type Answer, type Request } from './request.ts';
import { makeConf, smallerThan, type SockdConf } from './sockdconf.ts';

export interface Finding {
  readonly conf: SockdConf;
  readonly request: Request;
}

/** How often each thing happened. */
export type Tally = Map<string, number>;

const REQUESTS = 24;

/** The configuration of a seed with number `at`, and what is asked of it. */
export function makeCase(
  seed: number,
  at: number,
): { readonly conf: SockdConf; readonly requests: readonly Request[] } {
  const random = new Random(seed, at);
  const conf = makeConf(random);
  return { conf, requests: Array.from({ length: REQUESTS }, () => makeRequest(random, conf)) };
}

/** The first request that ours passes and Dante stops; undefined: there is none. */
export async function compare(
  conf: SockdConf,
  requests: readonly Request[],
  folder: string,
  tally: Tally,
): Promise<Finding | undefined> {
  const pair = await startPair(conf, folder);
  if (typeof pair === 'string') {
    count(tally, pair satisfies Refused);
    return undefined;
  }
  try {
    const answers = await Promise.all(requests.map((request) => judge(request, conf, tally)));
    count(tally, 'configurations');
    return requests
      .filter((request, at) => answers[at] === 'stopped' && !isTold(request, pair.left))
      .map((request) => ({ conf, request }))[0];
  } finally {
    await pair.end();
  }
}

const SHORT_MS = 700;
const LONG_MS = 4000;

/** What Dante says to a request that ours passes; undefined: ours does not. */
async function judge(request: Request, { door }: SockdConf, tally: Tally): Promise<Answer | undefined> {
  const host = isIPv6(request.client) ? (door.ipv6 ?? door.ipv4) : door.ipv4;
  const ours = await ask(request, { host, port: PORT.ours }, SHORT_MS);
  if (ours !== 'passed') {
    count(tally, `not passed: ${request.command}`);
    return undefined;
  }
  const dante = await ask(request, { host, port: PORT.dante }, LONG_MS);
  count(tally, `passed, and by dante ${dante}: ${request.command}`);
  return dante;
}

/** Whether the converter has said that such a request may pass. */
function isTold({ target }: Request, left: readonly string[]): boolean {
  const isName = !/[:\d]$/.test(target);
  return left.some(
    (line) =>
      /: (?:srchost|external\.rotation): /.test(line) ||
      /a name here blocks/.test(line) ||
      (isName && /a name that has other/.test(line)),
  );
}

/** The smallest configuration that still shows it. */
export async function shorten(found: Finding, folder: string, limitMs: number): Promise<Finding> {
  const limit = performance.now() + limitMs;
  let shortest = found;
  for (let progress = true; progress;) {
    progress = false;
    for (const conf of smallerThan(shortest.conf)) {
      if (performance.now() > limit) return shortest;
      const again = await compare(conf, [shortest.request], folder, new Map());
      if (again === undefined) continue;
      shortest = again;
      progress = true;
      break;
    }
  }
  return shortest;
}

function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}
