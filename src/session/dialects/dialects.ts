// THE table of dialects. The first message tells which of them a client speaks.
import type { Opening } from '../../protocol/opening.ts';
import { HTTP } from './http.ts';
import { SOCKS4 } from './socks4.ts';
import { SOCKS5 } from './socks5.ts';
import type { WayIn } from './wayin.ts';

const DIALECTS: Readonly<Record<Opening['version'], WayIn>> = { 4: SOCKS4, 5: SOCKS5, http: HTTP };

export function dialectOf({ version }: Opening): WayIn {
  return DIALECTS[version];
}
