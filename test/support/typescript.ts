// What a test tells a Node that it starts to run a file of TypeScript, in whichever folder that happens.
export const TYPESCRIPT = `--import=${new URL('../../scripts/typescript.js', import.meta.url).href}`;
