// The chart in README.md, out of bench/results/latest.json; scripts/render.ts writes it, or says that it is another one.
import { readFileSync } from 'node:fs';
import { FIGURES, type FigureName } from './figures.ts';
import { medianOf, type Samples } from './samples.ts';

export const DOCUMENT = { path: 'README.md', render };

const RESULTS = new URL('results/latest.json', import.meta.url);

/** The last one is what is dear here. Who was not measured is not shown. */
const SHOWN: readonly FigureName[] = ['connect64PerSecond', 'down16Rate', 'restMiB'];
const PEERS = [
  { peer: 'picosocks5-engine', name: 'picosocks5' },
  { peer: 'hev', name: 'hev-socks5' },
  { peer: 'microsocks', name: 'microsocks' },
  { peer: 'danted', name: 'danted' },
] as const;
const BAR = 30;

interface Results {
  readonly date: string;
  readonly rounds: number;
  readonly machine: { readonly cores: number; readonly versions: Readonly<Record<string, string>> };
  readonly samples: Readonly<Record<string, Partial<Record<FigureName, number[]>>>>;
}

/** The part of the page between the comments of its name. */
function render(page: string): string {
  const [start, end] = ['<!-- chart -->\n', '<!-- end of chart -->\n'];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${DOCUMENT.path}: the comments around the chart are missing`);
  const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
  return `${page.slice(0, from + start.length)}${chartOf(results)}${page.slice(to)}`;
}

function chartOf({ date, rounds, machine, samples }: Results): string {
  const measured: Samples = new Map(Object.entries(samples));
  const panels = SHOWN.map((figure) => panelOf(measured, figure));
  const where = `medians of ${rounds} rounds, ${machine.cores} cores, Node ${machine.versions['node'] ?? ''}, ${date.slice(0, 10)}`;
  return `\`\`\`text\n${panels.join('')}\`\`\`\n\n\`make bench\` (${where}); [all of it](docs/performance.md)\n`;
}

function panelOf(samples: Samples, name: FigureName): string {
  const figure = FIGURES[name];
  const rows = PEERS.flatMap(({ peer, name: shown }) => {
    const value = medianOf(samples, peer, name);
    return value === undefined ? [] : [{ peer: shown, value }];
  });
  const longest = Math.max(...rows.map(({ value }) => value), Number.MIN_VALUE);
  const lines = rows.map(({ peer, value }, at) => {
    const bar = '█'.repeat(Math.max(1, Math.round((value / longest) * BAR)));
    const title =
      at === 0 ? `${figure.label}, ${figure.unit}` : at === 1 ? `(${figure.better} is better)` : '';
    return `${title.padEnd(29)} ${peer.padEnd(10)} ${bar.padEnd(BAR)} ${value.toFixed(figure.digits)}`;
  });
  return `${lines.join('\n')}\n`;
}
