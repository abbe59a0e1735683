// What a reload cannot apply.
import type { Config } from '../model/config.ts';
import type { SettingOption } from './option.ts';
import { OPTIONS } from './options.ts';

/** Keywords of the options that differ and take effect only at the next start. */
export function restartOnlyChanges(before: Config, after: Config): readonly string[] {
  return OPTIONS.filter((option): option is SettingOption => option.kind === 'setting')
    .filter((option) => option.reload === 'restart')
    .filter((option) => !isSame(option.get(before), option.get(after)))
    .map((option) => option.keyword);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at]);
}
