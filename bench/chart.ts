// The results as an SVG: one panel of horizontal bars per figure, the same colour for a peer everywhere.
import { FIGURES, type Figure, type FigureName } from './figures.ts';
import type { Peer, Role } from './peers.ts';
import { medianOf, type Samples } from './samples.ts';

const PANELS: readonly FigureName[] = [
  'connect64PerSecond',
  'connect64Cpu',
  'down16Rate',
  'down16Cpu',
  'echo64Cpu',
  'echo1P50',
  'udp64PerSecond',
  'udp64Cpu',
  'udp1400PerSecond',
  'udp1400Cpu',
  'systemCalls',
  'idleKiB',
];
const COLOURS: Record<Role, string> = {
  floor: '#9aa5b1',
  rival: '#c8875a',
  product: '#2f6fad',
  other: '#7d6bb0',
};
const COLUMNS = 2;
const PANEL_WIDTH = 470;
const MARGIN = 24;
const HEAD = 64;
const NAME_WIDTH = 130;
const VALUE_WIDTH = 70;
const BAR = 16;
const STEP = 22;
const PANEL_HEAD = 34;

/** `caption` stands under the title: machine, rounds, date. */
export function drawChart(samples: Samples, peers: readonly Peer[], caption: string): string {
  const figures = PANELS.filter((figure) =>
    peers.some((peer) => medianOf(samples, peer.name, figure) !== undefined),
  );
  const panelHeight = PANEL_HEAD + peers.length * STEP + 18;
  const width = MARGIN * 2 + PANEL_WIDTH * COLUMNS;
  const height = HEAD + Math.ceil(figures.length / COLUMNS) * panelHeight + MARGIN;
  const panels = figures.map((name, at) => {
    const x = MARGIN + (at % COLUMNS) * PANEL_WIDTH;
    const y = HEAD + Math.floor(at / COLUMNS) * panelHeight;
    return `<g transform="translate(${x} ${y})">${drawPanel(samples, peers, name)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12" fill="#1f2933">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="30" font-size="18" font-weight="bold">SOCKS5 servers on one machine</text>`,
    `<text x="${MARGIN}" y="49" fill="#52606d">${escapeXml(caption)}</text>`,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function drawPanel(samples: Samples, peers: readonly Peer[], name: FigureName): string {
  const figure: Figure = FIGURES[name];
  const values = peers.map((peer) => medianOf(samples, peer.name, name));
  const longest = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const unit = figure.unit === '' ? '' : ` (${figure.unit})`;
  const bars = peers.map((peer, at) => {
    const y = PANEL_HEAD + at * STEP;
    const value = values[at];
    const room = PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH - MARGIN;
    const length = Math.max(value === undefined ? 0 : (value / longest) * room, 0);
    const label = value === undefined ? 'not measured' : value.toFixed(figure.digits);
    return [
      `<text x="${NAME_WIDTH - 8}" y="${y + 12}" text-anchor="end">${escapeXml(peer.name)}</text>`,
      `<rect x="${NAME_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${COLOURS[peer.role]}"/>`,
      `<text x="${(NAME_WIDTH + length + 6).toFixed(1)}" y="${y + 12}" fill="#52606d">${label}</text>`,
    ].join('');
  });
  return [
    `<text y="18" font-weight="bold">${escapeXml(figure.label + unit)}</text>`,
    `<text x="${PANEL_WIDTH - MARGIN}" y="18" text-anchor="end" fill="#7b8794">${figure.better} is better</text>`,
    ...bars,
  ].join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
