// Joins the modules of each program into one file, dist/program/. Node then starts in 90 ms instead of 140 and keeps
// 8 MB less: a module costs it about 60 KB, however short it is. White space would cost 0.4 MB; names stay for stack traces.
// What the source imports when it is needed stays uncalled in the same file. The library (dist/index.js) stays as tsc wrote it;
// dist/cjs/ has it once more for those who call require(), with its declarations.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

// Node's own modules are loaded when a program first uses something of them: an import would load each at the start, with all
// that any part of it needs, which is 3 MB of streams, TLS and crypto that a daemon at rest has no use for
// (docs/decisions/021-speed.md). Each is replaced by an object whose properties are those of the module, asked for late.
const BUILTIN = /^node:/;

const late = {
  name: 'late',
  setup(bundler) {
    bundler.onResolve({ filter: BUILTIN }, ({ path }) => ({ path, namespace: 'late', sideEffects: false }));
    bundler.onLoad({ filter: BUILTIN, namespace: 'late' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== 'default');
      const properties = names.map((name) => `get ${name}() { return load().${name}; }`);
      return {
        contents: `let loaded;
          const load = () => (loaded ??= loadBuiltin('${path}'));
          module.exports = { ${properties.join(', ')} };`,
      };
    });
  },
};

const common = {
  outdir: 'dist/program',
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node18.19',
  minifyWhitespace: true,
  logLevel: 'warning',
};

const programs = await build({
  ...common,
  entryPoints: {
    main: 'src/main.ts',
    pis5user: 'src/pis5user/main.ts',
    pis5ctl: 'src/pis5ctl/main.ts',
    starter: 'src/daemon/logins/starter.ts',
  },
  format: 'esm',
  packages: 'external',
  plugins: [late],
  // process.getBuiltinModule() came with Node.js 20.16.
  banner: {
    js: `import { createRequire } from 'node:module'; const loadBuiltin = createRequire(import.meta.url);`,
  },
});

// What a hashing thread runs. The daemon keeps its text in memory (src/auth/hashing/threadsource.ts), so it holds its packages and asks
// for no file; it uses what it loads of Node at once.
const threads = await build({
  ...common,
  entryPoints: { worker: 'src/auth/hashing/worker.ts' },
  // A thread evaluates it as a script, whose variables are globals: one of the name of a global such as crypto would be refused.
  format: 'iife',
  define: { 'import.meta.url': '""' },
});

mkdirSync('dist/program', { recursive: true });
// esbuild would copy each of those objects for each file that imports it, property by property.
for (const { path, text } of programs.outputFiles)
  writeFileSync(path, text.replaceAll(/__toESM\((require_\w+\(\)),1\)/g, '$1'));
for (const { path, text } of threads.outputFiles) writeFileSync(path, text);

// The library for require(), which below Node.js 20.19 takes no ES module.
await build({
  entryPoints: { index: 'src/index.ts' },
  outdir: 'dist/cjs',
  bundle: true,
  platform: 'node',
  target: 'node18.19',
  minifyWhitespace: true,
  format: 'cjs',
  packages: 'external',
  logLevel: 'warning',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: `const moduleUrl = require('node:url').pathToFileURL(__filename).href;` },
});
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
copyDeclarations('index.d.ts', new Set());

/** Of a module and of all that it imports. What tsc writes names sources, which older compilers do not take for declarations. */
function copyDeclarations(path, copied) {
  if (copied.has(path)) return;
  copied.add(path);
  const text = readFileSync(join('dist', path), 'utf8').replaceAll(
    /(['"]\.{1,2}\/[^'"]*)\.ts(['"])/g,
    '$1.js$2',
  );
  writeFileSync(join('dist', path), text);
  mkdirSync(dirname(join('dist/cjs', path)), { recursive: true });
  writeFileSync(join('dist/cjs', path), text);
  for (const [, name] of text.matchAll(/['"](\.{1,2}\/[^'"]*)\.js['"]/g))
    copyDeclarations(join(dirname(path), `${name}.d.ts`), copied);
}

// The page (src/daemon/web/page.ts) and what draws its plots, as browsers get them.
mkdirSync('dist/program/page', { recursive: true });
for (const [from, to] of [
  ['page/page.js', 'page.js'],
  ['page/page.css', 'page.css'],
  ['node_modules/uplot/dist/uPlot.iife.min.js', 'uplot.js'],
  ['node_modules/uplot/dist/uPlot.min.css', 'uplot.css'],
])
  copyFileSync(from, `dist/program/page/${to}`);

// daemonize2 loads this one by require().
copyFileSync('dist/daemon/unix/background.cjs', 'dist/program/background.cjs');
