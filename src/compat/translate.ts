// Parts that all translations share.
import type { Problem } from '../config/model/config.ts';
import type { Setting } from '../config/options/setting.ts';
import { argumentSetting } from '../config/reading/arguments.ts';
import { warning } from '../config/values/problem.ts';
import type { DropInHost, ToldText } from '../daemon/host/dropin.ts';

/** One setting of ours: keyword, value, and the option of the other program that says so. */
export type TranslatedLine = readonly [keyword: string, text: string, written: string];

export function settingsOfLines(
  lines: readonly TranslatedLine[],
  { folder }: DropInHost,
): readonly Setting[] {
  return lines.map(([keyword, text, written]) => argumentSetting(keyword, text, { written, folder }));
}

/** The value of `listen` for a host and a port, or a service, that are written apart. */
export function listenAt(host: string, port: string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The account for a program that root has started; no line for others. */
export function asNobody({ isRoot }: DropInHost): readonly TranslatedLine[] {
  return isRoot ? [['user', 'nobody', 'root']] : [];
}

/** A failure with the message of the other program. */
export function toldFailure(text: string, status: number): ToldText {
  return { kind: 'told', text, stream: 'stderr', status };
}

/** Options of ours that decide who is served; a file may contain any of them. */
const DECIDES_WHO_COMES = ['network', 'auth', 'config'];

/** A warning that, unlike these programs, we do not serve every address without logins. */
export function warnOfOutsiders(program: string, { own }: DropInHost): readonly Problem[] {
  if (DECIDES_WHO_COMES.some((keyword) => own.has(keyword))) return [];
  const why = `only clients of this host and of private networks are served; to serve everybody as ${program} does`;
  return [warning({}, `${why}, run "picosocks5 --as ${program} --network='*' -- ..." instead`)];
}
