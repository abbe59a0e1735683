// What must hold for each session, whatever the client did.
import { ipToBytes } from '../../src/base/ip.ts';
import type { Played } from './client.ts';
import { readConversation, type Conversation } from './conversation.ts';
import { HERE, type Ports } from './places.ts';

export interface Verdict {
  readonly outcome: string;
  /** undefined: nothing to complain about. */
  readonly breach: string | undefined;
}

/** A breach unless a limit of time ended the relay. */
export const LOST = 'bytes were lost before FIN';

export function judge(played: Played, ports: Ports): Verdict {
  const conversation = readConversation(played.sent, played.answer);
  const breach =
    conversation.breach ??
    judgeEnding(played, conversation) ??
    judgeEcho(played, conversation) ??
    judgeDatagrams(played, conversation, ports);
  return { outcome: conversation.outcome, breach };
}

/** After a failure comes FIN and nothing else; only what was granted may end with RST. */
function judgeEnding({ ending }: Played, { cut, granted }: Conversation): string | undefined {
  if (ending === 'late') return 'the session outlived every limit';
  if (ending === 'fin' && cut) return 'FIN in the middle of a message';
  if (ending === 'reset' && !granted) return 'RST instead of FIN';
  return undefined;
}

/** Nothing is lost, doubled or reordered on the way to the echo server and back. */
function judgeEcho({ ending, finished }: Played, { echoed }: Conversation): string | undefined {
  if (echoed === undefined) return undefined;
  const { expected, got } = echoed;
  if (!expected.subarray(0, got.length).equals(got)) return 'other bytes than the target sent';
  const isShort = ending === 'fin' && finished && got.length < expected.length;
  return isShort ? LOST : undefined;
}

/** Answers come from the relay, name the echo server as their source, and bring back what was sent. */
function judgeDatagrams(played: Played, { bound }: Conversation, ports: Ports): string | undefined {
  const head = Buffer.from([0, 0, 0, 1, ...ipToBytes(HERE), ports.echo >> 8, ports.echo & 0xff]);
  for (const { bytes, port } of played.datagrams) {
    // To the port of this client another one may have listened before: answers on their way to it are nobody's.
    if (port !== bound?.port) continue;
    if (!bytes.subarray(0, head.length).equals(head))
      return 'a datagram with another header than the true source';
    const payload = bytes.subarray(head.length);
    const isEcho = played.sentDatagrams.some((sent) =>
      sent.subarray(sent.length - payload.length).equals(payload),
    );
    if (!isEcho) return 'a datagram that nobody sent';
  }
  return undefined;
}
