// The folder of the installed package, with package.json, native parts and programs.

/** The folder, as a URL with `/` at its end. A module of src/ and dist/ and a joined program (scripts/bundle.js) are both two levels below it. */
export function packageRoot(): URL {
  return new URL('../../', import.meta.url);
}
