// What one client of the fuzzer does, step by step, and how that is written down. A script ends with silence: the
// client waits until the server ends the session, unless it has sent `reset`.
import { ipToBytes } from '../../src/base/ip.ts';
import { CLOSED_MARK, ECHO_MARK, HERE, TRIPWIRES } from './places.ts';

/** Steps without bytes. */
const WORDS = [
  /** Waits for something new from the server, or a moment. */
  'await',
  'fin',
  'reset',
  /** Somebody whom the rules allow, then somebody whom they do not, connects to the port that BIND told. */
  'peer',
  'stranger',
  /** Answers the challenge of CHAP as alice, rightly. */
  'chap',
] as const;
export type Word = (typeof WORDS)[number];

export type Step =
  { readonly kind: 'send' | 'datagram'; readonly bytes: Uint8Array } | { readonly kind: Word };

export type Script = readonly Step[];

const DATAGRAM = 'udp:';

/** `050100 await udp:00000001... fin`: hex for each write. */
export function formatScript(script: Script): string {
  return script.map(formatStep).join(' ');
}

/** Reads formatScript(), and for people also "text", n"text" with its length before it, and {names} of places. */
export function parseScript(text: string): Script {
  const tokens = text.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  return tokens.map(parseStep);
}

function formatStep(step: Step): string {
  if (!('bytes' in step)) return step.kind;
  const hex = Buffer.from(step.bytes).toString('hex');
  return step.kind === 'datagram' ? `${DATAGRAM}${hex}` : hex;
}

function parseStep(token: string): Step {
  const word = WORDS.find((each) => each === token);
  if (word !== undefined) return { kind: word };
  const isDatagram = token.startsWith(DATAGRAM);
  const bytes = parseBytes(isDatagram ? token.slice(DATAGRAM.length) : token);
  return { kind: isDatagram ? 'datagram' : 'send', bytes };
}

const NAMES: Readonly<Record<string, Uint8Array>> = {
  here: ipToBytes(HERE),
  there: ipToBytes(TRIPWIRES[0]!),
  echo: ECHO_MARK,
  closed: CLOSED_MARK,
};

function parseBytes(text: string): Uint8Array {
  const hex = text
    .replace(/(n?)"([^"]*)"/g, (_all, counted: string, body: string) => {
      const bytes = Buffer.from(body, 'latin1').toString('hex');
      return counted === '' ? bytes : body.length.toString(16).padStart(2, '0') + bytes;
    })
    .replace(/\{(\w+)\}/g, (all, name: string) => Buffer.from(NAMES[name] ?? []).toString('hex') || all);
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex)) throw new Error(`not a step of a script: ${text}`);
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
