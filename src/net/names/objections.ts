// The answer for a name when addresses of a family are of no use: a fault of the name itself comes first. The
// objection is told only if the name has addresses of no other family, so the family is asked for once the other one
// turns out to be empty.
import { Fault } from '../../base/fault.ts';
import type { Answer } from '../dns/namesource.ts';

/** See FamilyObjection. */
export type Objections = Readonly<Record<4 | 6, Fault | 'unasked' | undefined>>;

export interface FamilyAnswers {
  readonly ipv6: Answer | undefined;
  readonly ipv4: Answer | undefined;
}

const NOTHING: Answer = [];

/** The answer that `known` allows at once; undefined: a family has to be asked for. */
export function judge(known: FamilyAnswers, objections: Objections): FamilyAnswers {
  return {
    ipv6: judgeFamily(known.ipv6, known.ipv4, [objections[6], objections[4]]),
    ipv4: judgeFamily(known.ipv4, known.ipv6, [objections[4], objections[6]]),
  };
}

/** The answer when judge() needed a family that is unknown: asks for it. */
export async function judgeByAsking(
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

/** `objection` is to the family, `otherObjection` to the other one. */
function judgeFamily(
  answer: Answer | undefined,
  other: Answer | undefined,
  [objection, otherObjection]: readonly [Objections[4], Objections[4]],
): Answer | undefined {
  if (objection === undefined) return answer;
  if (objection === 'unasked') return NOTHING;
  // No address of the name could be used, so the name is not asked for.
  if (otherObjection !== undefined) return objection;
  if (other === undefined) return undefined;
  // The result of the other family counts, even a fault.
  if (other instanceof Fault || other.length > 0) return NOTHING;
  return Array.isArray(answer) && answer.length > 0 ? objection : answer;
}
