// The file of --print-config: every option as it is in force. Read back, it gives the same configuration.
import type { Config, Section } from '../model/config.ts';
import type { Option } from '../options/option.ts';
import { TOPICS } from '../options/options.ts';
import { SOURCE_PLAN } from '../routes/source.ts';

/** A complete file; relative file names in it count from where those of `config` count. */
export function renderConfig(config: Config): string {
  const topics = TOPICS.map(({ title, options }) => ({
    title,
    lines: options.flatMap((option) => renderOption(option, config)),
  })).filter(({ lines }) => lines.length > 0);
  const sections = [...config.sections.values()].map(renderSection);
  return [...topics.map(({ title, lines }) => [`# ${title}`, ...lines]), ...sections]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function renderOption(option: Option, config: Config): string[] {
  switch (option.kind) {
    case 'setting':
      return renderValues(option.keyword, option.get(config));
    case 'rules':
      return renderValues(
        option.keyword,
        config.rules[option.list].map(({ text }) => text),
      );
    case 'source': {
      const { source } = config.rules;
      return renderValues(option.keyword, source === undefined ? [] : [SOURCE_PLAN.format(source)]);
    }
    case 'base':
    case 'include':
    case 'action':
    case 'dropin':
    case 'alias':
      return [];
  }
}

function renderValues(keyword: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [`# ${keyword} is not set`] : texts.map((text) => `${keyword} = ${text}`);
}

function renderSection({ name, base, network, request, source }: Section): string[] {
  return [
    `[${name}]`,
    ...(base === undefined ? [] : [`base = ${base}`]),
    ...network.map(({ text }) => `network = ${text}`),
    ...request.map(({ text }) => `request = ${text}`),
    ...(source === undefined ? [] : [`source = ${SOURCE_PLAN.format(source)}`]),
  ];
}
