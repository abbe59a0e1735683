// Answers of all members of a fleet to one request, `"fleet": true`: that of each as it would have answered alone, and who has not.
import type { Parsed } from '../config/values/parsed.ts';
import { encodeAnswer, readAnswer, type ControlAnswer } from './controlanswer.ts';
import { CONTROL_VERSION, type ControlCommand } from './controlmessage.ts';
import { flag, list, object, readJson, text, whole } from './shape.ts';

export interface MemberAnswer {
  readonly member: string;
  readonly answer: ControlAnswer;
}

export interface FleetAnswer {
  readonly ok: true;
  readonly command: ControlCommand;
  readonly fleet: readonly MemberAnswer[];
  /** Members that were there and have not answered. */
  readonly missing: readonly string[];
}

/** An answer as one line with its end. */
export function encodeFleetAnswer(answer: FleetAnswer): string {
  return `${JSON.stringify({ version: CONTROL_VERSION, ...answer })}\n`;
}

/** Reads the answer to a request of this command from a line without its end; one of the daemon alone is a refusal. */
export function decodeFleetAnswer(
  command: ControlCommand,
  line: string,
): Parsed<FleetAnswer | Extract<ControlAnswer, { ok: false }>> {
  return readJson(line, (found, where) => {
    const { ok } = HEAD(found, where);
    if (!ok) return { ok, ...REFUSAL(found, where) };
    const { fleet, missing } = BODY(found, where);
    const members = fleet.map(({ member, answer }) => ({
      member,
      answer: readAnswer(command)(answer, member),
    }));
    return { ok, command, fleet: members, missing };
  });
}

/** What a member has answered, as its line says without the end. */
export function lineOf(answer: ControlAnswer): string {
  return encodeAnswer(answer).trimEnd();
}

const words = text(65_536);
const HEAD = object({ version: whole(CONTROL_VERSION, CONTROL_VERSION), ok: flag });
const REFUSAL = object({ code: words, message: words });
const BODY = object({
  fleet: list(object({ member: text(64), answer: (found: unknown) => found })),
  missing: list(text(64)),
});
