// The results as an SVG: one panel of horizontal bars per figure, the same colour for a peer everywhere, light or dark as the reader has it.
import { FIGURES, type Figure, type FigureName } from './figures.ts';
import type { Machine } from './machine.ts';
import type { Peer as Measured, Role } from './peers.ts';
import { medianOf, type Samples } from './samples.ts';

const PANELS: readonly FigureName[] = [
  'connect64PerSecond',
  'connect64Cpu',
  'coldCpu',
  'systemCalls',
  'down1Rate',
  'down1Cpu',
  'up1Rate',
  'up1Cpu',
  'down16Rate',
  'down16Cpu',
  'up16Rate',
  'up16Cpu',
  'echo64Cpu',
  'echo1P50',
  'udp64PerSecond',
  'udp64Cpu',
  'udp1400PerSecond',
  'udp1400Cpu',
  'tlsDown16Rate',
  'tlsDown16Cpu',
  'idleKiB',
  'restMiB',
];
type Peer = Pick<Measured, 'name' | 'role'>;

interface Scheme extends Readonly<Record<Role, string>> {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
}

const LIGHT: Scheme = {
  ...{ paper: '#ffffff', ink: '#1f2933', faint: '#52606d' },
  ...{ yardstick: '#9aa5b1', rival: '#c8875a', product: '#2f6fad', fallback: '#7d9cc0' },
};
const DARK: Scheme = {
  ...{ paper: '#12151a', ink: '#e6e9ee', faint: '#9aa4b2' },
  ...{ yardstick: '#66707d', rival: '#d0935f', product: '#6ea8fe', fallback: '#4a6fa5' },
};

const styleOf = (scheme: Scheme): string =>
  Object.entries(scheme)
    .map(([name, colour]) => `.${name}{fill:${colour}}`)
    .join('');
const STYLE = `<style>${styleOf(LIGHT)}@media (prefers-color-scheme:dark){${styleOf(DARK)}}</style>`;
const COLUMNS = 2;
const PANEL_WIDTH = 470;
const MARGIN = 24;
const HEAD = 64;
const NAME_WIDTH = 130;
const VALUE_WIDTH = 70;
const BAR = 16;
const STEP = 22;
const PANEL_HEAD = 34;
const PANEL_FOOT = 18;

/** `caption` stands under the title: machine, rounds, date. */
export function drawChart(samples: Samples, peers: readonly Peer[], caption: string): string {
  const figures = PANELS.filter((figure) => measuredPeers(samples, peers, figure).length > 0);
  const width = MARGIN * 2 + PANEL_WIDTH * COLUMNS;
  const panels: string[] = [];
  let y = HEAD;
  for (let at = 0; at < figures.length; at += COLUMNS) {
    const row = figures.slice(at, at + COLUMNS);
    const shown = row.map((figure) => measuredPeers(samples, peers, figure));
    row.forEach((figure, column) => {
      const x = MARGIN + column * PANEL_WIDTH;
      panels.push(`<g transform="translate(${x} ${y})">${drawPanel(samples, shown[column]!, figure)}</g>`);
    });
    y += PANEL_HEAD + Math.max(...shown.map(({ length }) => length)) * STEP + PANEL_FOOT;
  }
  const height = y + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12" class="ink">`,
    STYLE,
    `<rect width="${width}" height="${height}" class="paper"/>`,
    `<text x="${MARGIN}" y="30" font-size="18" font-weight="bold">SOCKS5 servers on one machine</text>`,
    `<text x="${MARGIN}" y="49" class="faint">${escapeXml(caption)}</text>`,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

/** A panel has no bars for servers that cannot do what it shows. */
function measuredPeers(samples: Samples, peers: readonly Peer[], figure: FigureName): Peer[] {
  return peers.filter(({ name }) => medianOf(samples, name, figure) !== undefined);
}

function drawPanel(samples: Samples, peers: readonly Peer[], name: FigureName): string {
  const figure: Figure = FIGURES[name];
  const values = peers.map((peer) => medianOf(samples, peer.name, name) ?? 0);
  const longest = Math.max(...values, Number.MIN_VALUE);
  const unit = figure.unit === '' ? '' : ` (${figure.unit})`;
  const bars = peers.map((peer, at) => {
    const y = PANEL_HEAD + at * STEP;
    const value = values[at]!;
    const room = PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH - MARGIN;
    const length = Math.max((value / longest) * room, 0);
    const label = value.toFixed(figure.digits);
    return [
      `<text x="${NAME_WIDTH - 8}" y="${y + 12}" text-anchor="end">${escapeXml(peer.name)}</text>`,
      `<rect x="${NAME_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" class="${peer.role}"/>`,
      `<text x="${(NAME_WIDTH + length + 6).toFixed(1)}" y="${y + 12}" class="faint">${label}</text>`,
    ].join('');
  });
  return [
    `<text y="18" font-weight="bold">${escapeXml(figure.label + unit)}</text>`,
    `<text x="${PANEL_WIDTH - MARGIN}" y="18" text-anchor="end" class="faint">${figure.better} is better</text>`,
    ...bars,
  ].join('\n');
}

/** The machine, the rounds and the day of a run. */
export function captionOf(machine: Machine, rounds: number, date: string): string {
  const hardware = `${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.versions['node'] ?? ''}`;
  return `${hardware}; ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}; ${date.slice(0, 10)}`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
