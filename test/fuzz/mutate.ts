// From the corpus to a script that nobody has thought of: other bytes, other pieces, other ends.
import { mutateBytes } from './mutatebytes.ts';
import type { Random } from './random.ts';
import type { Script, Step } from './script.ts';

const MAX_STEPS = 24;
const MAX_PIECES = 6;

/** The script of this random stream. */
export function makeScript(random: Random, corpus: readonly Script[]): Script {
  let script = random.pick(corpus);
  // Most conversations go wrong in one place only: they come further.
  for (let changes = random.below(1 + random.below(6)); changes > 0; changes--) {
    script = random.pick(WAYS)(random, script, corpus);
  }
  return endOf(random, script.slice(0, MAX_STEPS));
}

type Change = (random: Random, script: Script, corpus: readonly Script[]) => Script;

/** Bytes are spoiled more often than the order of things: most of what can go wrong is there. */
const WAYS: readonly Change[] = [
  spoil,
  spoil,
  spoil,
  spoil,
  split,
  split,
  hurry,
  drop,
  double,
  move,
  graft,
  interrupt,
];

function spoil(random: Random, script: Script, corpus: readonly Script[]): Script {
  return replaceOne(random, script, (step) => {
    const foreign = random.pick(corpus).find(hasBytes)?.bytes ?? step.bytes;
    return [{ kind: step.kind, bytes: mutateBytes(random, step.bytes, foreign) }];
  });
}

/** One write becomes several, or one byte each. */
function split(random: Random, script: Script): Script {
  return replaceOne(random, script, (step) => {
    if (step.kind === 'datagram') return [step];
    const ends = Array.from({ length: MAX_PIECES - 1 }, () => random.below(step.bytes.length + 1));
    const cuts = [0, ...ends.sort((one, other) => one - other), step.bytes.length];
    return cuts
      .slice(1)
      .map((end, at): Step => ({ kind: 'send', bytes: step.bytes.slice(cuts[at], end) }))
      .filter((piece) => hasBytes(piece) && piece.bytes.length > 0);
  });
}

/** Says everything without listening. */
function hurry(_random: Random, script: Script): Script {
  return script.filter(({ kind }) => kind !== 'await');
}

function drop(random: Random, script: Script): Script {
  return script.toSpliced(random.below(script.length), 1);
}

function double(random: Random, script: Script): Script {
  const at = random.below(script.length);
  return script.toSpliced(at, 0, ...script.slice(at, at + 1));
}

function move(random: Random, script: Script): Script {
  const at = random.below(script.length);
  return script.toSpliced(at, 1).toSpliced(random.below(script.length), 0, ...script.slice(at, at + 1));
}

/** Goes on like another conversation. */
function graft(random: Random, script: Script, corpus: readonly Script[]): Script {
  const other = random.pick(corpus);
  return [...script.slice(0, random.below(script.length + 1)), ...other.slice(random.below(other.length))];
}

function interrupt(random: Random, script: Script): Script {
  const step: Step = { kind: random.pick(['fin', 'reset', 'await', 'peer', 'stranger', 'chap'] as const) };
  return script.toSpliced(random.below(script.length + 1), 0, step);
}

/** Few scripts are left without an end: whoever says nothing holds a place until a limit ends it. */
function endOf(random: Random, script: Script): Script {
  if (script.some(({ kind }) => kind === 'fin' || kind === 'reset') || random.oneIn(20)) return script;
  return [...script, { kind: random.oneIn(6) ? 'reset' : 'fin' }];
}

type BytesStep = Extract<Step, { bytes: Uint8Array }>;

function replaceOne(random: Random, script: Script, change: (step: BytesStep) => readonly Step[]): Script {
  const places = [...script.keys()].filter((at) => hasBytes(script[at]!));
  if (places.length === 0) return script;
  const at = random.pick(places);
  const step = script[at]!;
  return hasBytes(step) ? script.toSpliced(at, 1, ...change(step)) : script;
}

function hasBytes(step: Step): step is BytesStep {
  return 'bytes' in step;
}
