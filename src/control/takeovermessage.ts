// Messages between the old and the new process of a takeover, over the control socket beside the descriptors: `takeover`, and
// `retire` when the new one serves. docs/control.md describes both.
import type { Parsed } from '../config/values/parsed.ts';
import { CONTROL_VERSION, MAX_REQUEST_BYTES } from './controlmessage.ts';
import {
  flag,
  list,
  maybe,
  number,
  object,
  readJson,
  text,
  whole,
  oneWordOf,
  type ShapeReader,
} from './shape.ts';

const STEPS = ['takeover', 'retire'] as const;
export type TakeoverStep = (typeof STEPS)[number];

export type TakeoverAnswer =
  | { readonly ok: false; readonly message: string }
  /** The listeners in the order of their descriptors, which precede the answer. */
  | {
      readonly ok: true;
      readonly command: 'takeover';
      readonly pid: number;
      readonly listen: readonly string[];
    }
  /** Sessions that are left, and seconds until they are cut. */
  | {
      readonly ok: true;
      readonly command: 'retire';
      readonly sessions: number;
      readonly seconds: number;
    };

/** Descriptors travel with a byte of their own, a blank that JSON allows in front of the answer. */
export const DESCRIPTOR_BYTE = Uint8Array.of(0x20);

/** A request as one line with its end. */
export function encodeStep(command: TakeoverStep): string {
  return `${JSON.stringify({ version: CONTROL_VERSION, command })}\n`;
}

/** The step that a line requests; undefined when it requests something else. */
export function decodeStep(line: string): TakeoverStep | undefined {
  if (line.length >= MAX_REQUEST_BYTES) return undefined;
  const read = readJson(
    line,
    object({ version: whole(CONTROL_VERSION, CONTROL_VERSION), command: oneWordOf(STEPS) }),
  );
  return read.kind === 'value' ? read.value.command : undefined;
}

/** An answer that is no refusal, as one line with its end. */
export function encodeTakeoverAnswer(answer: Extract<TakeoverAnswer, { readonly ok: true }>): string {
  return `${JSON.stringify({ version: CONTROL_VERSION, ...answer })}\n`;
}

/** Reads the answer to a step from a line without its end. */
export function decodeTakeoverAnswer(command: TakeoverStep, line: string): Parsed<TakeoverAnswer> {
  return readJson(line, (found, where): TakeoverAnswer => {
    const { ok, message = 'it does not say why' } = HEAD(found, where);
    if (!ok) return { ok, message };
    return command === 'takeover'
      ? { ok, command, ...BEQUEST(found, where) }
      : { ok, command, ...RETIREMENT(found, where) };
  });
}

/** Whether a refusal is for the moment only: another process is taking over. */
export function isForNow(line: string): boolean {
  const read = readJson(line, object({ ok: flag, code: maybe(text()) }));
  return read.kind === 'value' && read.value.code === 'busy';
}

const HEAD = object({
  version: whole(CONTROL_VERSION, CONTROL_VERSION),
  ok: flag,
  message: maybe(text()),
});
const BEQUEST: ShapeReader<{ pid: number; listen: readonly string[] }> = object({
  pid: whole(1),
  listen: list(text()),
});
const RETIREMENT = object({ sessions: whole(0), seconds: number(0) });
