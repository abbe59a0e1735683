// Fills vendor/ with the packages that a build of the Debian package needs, at the versions of package-lock.json:
// what runs, and the tools that build it. debian/rules takes its packages from there and never asks the network.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

/** The devDependencies that `make build` runs; the others test and lint. */
const BUILD_TOOLS = ['@types/bcrypt', '@types/node', 'esbuild', 'node-gyp', 'typescript', 'uplot'];

const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

rmSync(root('vendor'), { recursive: true, force: true });
mkdirSync(root('vendor'));
writeFileSync(root('vendor/package.json'), JSON.stringify(pick(readManifest()), undefined, 2));
copyFileSync(root('package-lock.json'), root('vendor/package-lock.json'));
process.exitCode = install();
// Last, and as it was before npm left out what is not needed: debian/rules compares it.
if (process.exitCode === 0) copyFileSync(root('package-lock.json'), root('vendor/of-package-lock.json'));

function readManifest() {
  return JSON.parse(readFileSync(root('package.json'), 'utf8'));
}

/** Without the optional package posix: what it does, the native engine does, and the Debian package has that. */
function pick({ name, version, type, dependencies: needed, optionalDependencies, devDependencies }) {
  const { ldapts, iovalkey } = optionalDependencies;
  const dependencies = { ...needed, ldapts, iovalkey };
  const tools = Object.fromEntries(BUILD_TOOLS.map((tool) => [tool, devDependencies[tool]]));
  return { name, version, type, dependencies, devDependencies: tools };
}

/** Scripts of packages do not run: bcrypt is compiled by debian/rules, and esbuild works as it comes. */
function install() {
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
  return spawnSync('npm', args, { cwd: root('vendor'), stdio: 'inherit' }).status ?? 1;
}
