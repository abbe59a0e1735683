// A flame graph as an SVG: the outermost function on top, below each what it called, as wide as its share. A browser shows name
// and share of what the mouse is over.
import type { Frame } from './stacks.ts';

const WIDTH = 1200;
const ROW = 18;
const HEAD = 48;
const MARGIN = 12;
/** Narrower bars are left out, pixels. */
const NARROWEST = 0.5;
/** Of one character of the labels, pixels. */
const CHARACTER = 6.6;
const HUES = ['#f2c14e', '#f2a65a', '#ee964b', '#e8a87c', '#f4b860', '#e9b872'] as const;

/** `format` makes words of a value. */
export function drawFlames(root: Frame, format: (value: number) => string): string {
  const bars: string[] = [];
  const depth = draw(bars, root, {
    x: MARGIN,
    level: 0,
    scale: (WIDTH - 2 * MARGIN) / Math.max(root.value, 1),
  });
  const height = HEAD + depth * ROW + MARGIN;
  const title = `${root.name}: ${format(root.value)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`,
    ` font-family="DejaVu Sans Mono, monospace" font-size="11" fill="#1f2933">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="28" font-size="16">${escapeXml(title)}</text>`,
    ...bars,
    '</svg>\n',
  ].join('\n');

  /** Returns how many rows there are. */
  function draw(
    into: string[],
    frame: Frame,
    place: { readonly x: number; readonly level: number; readonly scale: number },
  ): number {
    const { level, scale } = place;
    const width = frame.value * scale;
    if (width < NARROWEST) return level;
    const share = ((frame.value / Math.max(root.value, 1)) * 100).toFixed(1);
    const y = HEAD + level * ROW;
    const room = Math.floor((width - 4) / CHARACTER);
    const label = room < 3 ? '' : frame.name.slice(0, room);
    into.push(
      `<g><title>${escapeXml(`${frame.name}: ${share} %, ${format(frame.value)}`)}</title>` +
        `<rect x="${place.x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${hueOf(frame.name)}"/>` +
        `<text x="${(place.x + 2).toFixed(1)}" y="${y + 12}">${escapeXml(label)}</text></g>`,
    );
    let { x } = place;
    let deepest = level + 1;
    for (const child of [...frame.children.values()].sort((one, other) => other.value - one.value)) {
      deepest = Math.max(deepest, draw(into, child, { x, level: level + 1, scale }));
      x += child.value * scale;
    }
    return deepest;
  }
}

/** The functions with the largest part of their own, as `SHARE NAME`. */
export function topFrames(root: Frame, count: number): string[] {
  const own = new Map<string, number>();
  const walk = (frame: Frame): void => {
    const below = [...frame.children.values()];
    const value = frame.value - below.reduce((sum, child) => sum + child.value, 0);
    own.set(frame.name, (own.get(frame.name) ?? 0) + value);
    below.forEach(walk);
  };
  walk(root);
  return [...own]
    .sort(([, one], [, other]) => other - one)
    .slice(0, count)
    .map(([name, value]) => `${((value / Math.max(root.value, 1)) * 100).toFixed(1).padStart(5)} %  ${name}`);
}

/** The same for a name in each graph. */
function hueOf(name: string): string {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)!) % 9973;
  return HUES[sum % HUES.length]!;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
