// What a server may say by the method GSSAPI (RFC 1961), as a strict client would read it: its token, its level, and then what it says in
// clear, or frames, which only their client can open.

export type GssAnswer =
  /** `cut`: within a message; `protected`: what follows the level is in frames, and whoever spoils one is reset. */
  | { readonly kind: 'over' | 'cut' | 'refused' | 'protected' }
  /** Level 0: a reply begins at `at`. */
  | { readonly kind: 'clear'; readonly at: number }
  | { readonly kind: 'breach'; readonly what: string };

const TOKEN = 1;
const LEVEL = 2;
const DATA = 3;

/** Reads `answer` from `at`, behind the choice of the method. */
export function readGssAnswer(answer: Buffer, at: number): GssAnswer {
  let place = at;
  for (const type of [TOKEN, LEVEL]) {
    const found = messageAt(answer, place, type);
    if (typeof found !== 'number') return found;
    if (type === LEVEL && found === place + 5 && answer[place + 4] === 0) return { kind: 'clear', at: found };
    place = found;
  }
  while (place < answer.length) {
    const found = messageAt(answer, place, DATA);
    if (typeof found !== 'number') return found;
    place = found;
  }
  return { kind: 'protected' };
}

/** Where it ends. */
function messageAt(answer: Buffer, at: number, type: number): number | GssAnswer {
  const [version, mtyp] = answer.subarray(at);
  if (version === undefined) return { kind: 'over' };
  if (version !== 1) return { kind: 'breach', what: 'version of a GSSAPI message' };
  if (mtyp === 0xff && type !== DATA)
    return answer.length === at + 2
      ? { kind: 'refused' }
      : { kind: 'breach', what: 'bytes after the last word' };
  if (mtyp !== undefined && mtyp !== type)
    return { kind: 'breach', what: `type ${mtyp} of a GSSAPI message` };
  if (answer.length < at + 4) return { kind: 'cut' };
  const end = at + 4 + answer.readUInt16BE(at + 2);
  return answer.length < end ? { kind: 'cut' } : end;
}
