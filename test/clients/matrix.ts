// The matrix of clients and abilities, and what is missing for it.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Ability, Client } from './client.ts';

/** `missing`: offered, but the client is not installed. */
type Cell = 'yes' | 'no' | 'not offered' | 'missing';

export interface Result {
  readonly ability: Ability;
  readonly cell: Cell;
  /** Why it is no yes. */
  readonly said?: string;
}

const HEADS = ['TCP by name', 'by address', 'IPv6', 'login', 'UDP', 'BIND'];
const WIDTH = 11;

export function formatHead(): string {
  return formatLine('client', HEADS);
}

export function formatRow(name: string, results: readonly Result[]): string {
  return formatLine(
    name,
    results.map(({ cell }) => (cell === 'not offered' ? '-' : cell)),
  );
}

function formatLine(name: string, cells: readonly string[]): string {
  return `${name.padEnd(24)} ${cells.map((cell) => cell.padEnd(WIDTH)).join(' ')}`.trimEnd();
}

export interface Package {
  readonly kind: 'apt' | 'npm';
  /** Of npm, with its version. */
  readonly name: string;
}

/** Packages that a client needs and the system, or the folder of npm, does not have. */
export function missingPackages({ needs }: Client, modules: string): Package[] {
  const apt = (needs.apt ?? []).filter((name) => !isInstalled(name));
  const npm = (needs.npm ?? []).filter((spec) => !existsSync(join(modules, spec.replace(/@[^@/]*$/, ''))));
  return [
    ...apt.map((name) => ({ kind: 'apt' as const, name })),
    ...npm.map((name) => ({ kind: 'npm' as const, name })),
  ];
}

function isInstalled(name: string): boolean {
  try {
    const query = ['-W', '-f', '${Status}', name];
    return execFileSync('dpkg-query', query, { encoding: 'utf8', stdio: 'pipe' }).endsWith(' installed');
  } catch {
    return false;
  }
}
