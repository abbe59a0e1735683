// The port at which Prometheus reads the metrics, and health checks whether this daemon is ready.
import type { Config } from '../../config/model/config.ts';
import type { SocketOwner } from '../../net/socketfile.ts';
import type { Page } from './page.ts';
import { answerOf, type Readiness } from './readyanswer.ts';
import type { TlsDoor } from './tlsdoor.ts';
import type { Doorman } from './viewers.ts';
import { bothReady, keepReady, NONE, type Ready } from './ready.ts';
import { plainAnswer, type WebAnswer } from './webanswer.ts';
import { converse, type WebConversation } from './webconversation.ts';
import { keepWebPort } from './webport.ts';

/** Connections at a time; beyond it the oldest of the client with most is closed. */
export const MAX_READERS = 32;
/** Browsers send more than Prometheus. */
const MAX_READER_BYTES = 8192;
/** Limit from the connection to the answer, and again from there until the peer has read it. */
const READER_MS = 10_000;
/** A request within this time gets the text of the one before. */
const SAME_TEXT_MS = 200;

/** Text format 0.0.4, which every version of Prometheus reads. */
const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface Shown {
  /** The metrics. */
  readonly text: () => Promise<string>;
  /** undefined: there is none. */
  readonly page: Page | undefined;
  readonly doorman: Doorman | undefined;
  /** undefined: it is asked in clear. With it whoever asks for the metrics logs in as well. */
  readonly door: TlsDoor | undefined;
}

/** The ports of `ready` and `metrics`. To be called as root. Rejects with StartFailure. */
export async function keepWeb(
  config: Config,
  owner: SocketOwner | undefined,
  metrics: Shown | undefined,
): Promise<Ready> {
  return bothReady(await keepReady(config), await keepMetrics(config, owner, metrics));
}

async function keepMetrics(
  config: Config,
  owner: SocketOwner | undefined,
  metrics: Shown | undefined,
): Promise<Ready> {
  if (config.metrics === undefined || metrics === undefined) return NONE;
  let ask = (): Readiness => 'starting';
  const read = once(metrics.text);
  const answer: WebConversation['answer'] = async (request) => {
    const { path, fields, client } = request;
    const { page, doorman, door } = metrics;
    if (path === '/ready') return answerOf(ask());
    if (path === '/metrics') return (door && (await doorman?.(fields, client))) ?? read();
    if (page === undefined || doorman === undefined)
      return plainAnswer('404 Not Found', 'there are /metrics and /ready');
    return (
      (await doorman(fields, client)) ??
      (await page.answer(request)) ??
      plainAnswer('404 Not Found', 'there are /, /metrics and /ready')
    );
  };
  const conversation = { answer, maxHeadBytes: MAX_READER_BYTES, limitMs: READER_MS };
  const leave = await keepWebPort(
    {
      option: 'metrics',
      address: config.metrics,
      mode: 0o600,
      owner,
      maxConnections: MAX_READERS,
      door: metrics.door,
      take: (...accepted) => converse(...accepted, conversation),
    },
    config,
  );
  const renew: Ready['renew'] = (tls) => tls && metrics.door?.follow(tls);
  return { follow: (readiness) => (ask = readiness), renew, leave };
}

/** Renders one text for all requests at about the same time, because it visits every session. */
function once(text: () => Promise<string>): () => Promise<WebAnswer> {
  let made: Promise<WebAnswer> | undefined;
  return () => {
    if (made === undefined) {
      made = text().then(
        (body): WebAnswer => ({ status: '200 OK', type: TYPE, body }),
        () => plainAnswer('500 Internal Server Error', 'the metrics could not be put together'),
      );
      setTimeout(() => (made = undefined), SAME_TEXT_MS).unref();
    }
    return made;
  };
}
