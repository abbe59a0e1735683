// What is told of a name where addresses of a family are of no use: the fault of the name comes first. Why they are of no use is
// told where the name has such addresses only, so the family is asked about once the other one turns out to be empty.
import { Fault } from '../../base/fault.ts';
import type { Answer } from '../dns/namesource.ts';

/** See FamilyObjection. */
export type Objections = Readonly<Record<4 | 6, Fault | 'unasked' | undefined>>;

export interface Answers {
  readonly ipv6: Answer | undefined;
  readonly ipv4: Answer | undefined;
}

const NOTHING: Answer = [];

/** What can be told at once of `known`; undefined where a family has to be asked. */
export function judge(known: Answers, objections: Objections): Answers {
  return {
    ipv6: judgeFamily(known.ipv6, known.ipv4, [objections[6], objections[4]]),
    ipv4: judgeFamily(known.ipv4, known.ipv6, [objections[4], objections[6]]),
  };
}

/** The same by asking, for a family that judge() had no answer for. */
export async function tell(
  ask: Readonly<Record<4 | 6, () => Promise<Answer>>>,
  family: 4 | 6,
  objections: Objections,
): Promise<Answer> {
  const other = family === 6 ? 4 : 6;
  const pair = [objections[family], objections[other]] as const;
  if (pair[0] === undefined) return ask[family]();
  return (
    judgeFamily(undefined, await ask[other](), pair) ??
    judgeFamily(await ask[family](), NOTHING, pair) ??
    NOTHING
  );
}

/** `objection` stands against the family, `otherObjection` against the other one. */
function judgeFamily(
  answer: Answer | undefined,
  other: Answer | undefined,
  [objection, otherObjection]: readonly [Objections[4], Objections[4]],
): Answer | undefined {
  if (objection === undefined) return answer;
  if (objection === 'unasked') return NOTHING;
  // Nothing that the name has is of use, so nobody asks for it.
  if (otherObjection !== undefined) return objection;
  if (other === undefined) return undefined;
  // What counts is what the other family has, be it a fault.
  if (other instanceof Fault || other.length > 0) return NOTHING;
  return Array.isArray(answer) && answer.length > 0 ? objection : answer;
}
