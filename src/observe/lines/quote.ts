// A value in quotes, written so that no content can end the quote, the line or the reading direction. It is a JSON string (RFC
// 8259 section 7), so JSON.parse() returns the value.

/** A value as it stands in a record; `cut` when not all of it had room. */
export interface Quoted {
  readonly text: string;
  readonly cut: boolean;
}

const PLAIN = /^[ !#-[\]-~]*$/;

/** Controls, formats (bidi among them), surrogates, unassigned, line ends, invisible letters, odd spaces. */
const UNSAFE = /["\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}/u;

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Quotes `value` in at most `room` bytes of UTF-8 (2 at least), cutting between whole characters. */
export function quoteText(value: string, room: number): Quoted {
  if (value.length + 2 <= room && PLAIN.test(value)) return { text: `"${value}"`, cut: false };
  let text = '"';
  let size = 2;
  for (const character of value) {
    const shown = UNSAFE.test(character) ? escapeCharacter(character) : character;
    size += Buffer.byteLength(shown);
    if (size > room) return { text: `${text}"`, cut: true };
    text += shown;
  }
  return { text: `${text}"`, cut: false };
}

/** `\n` and the like, else `\uXXXX` for each UTF-16 unit. */
function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  let text = '';
  for (let at = 0; at < character.length; at++) {
    text += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return text;
}
