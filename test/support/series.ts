// The metrics of a daemon under test, by series.
import { dialWire } from './sockets.ts';

export async function readMetrics(at: number, request = 'GET /metrics HTTP/1.1\r\n\r\n'): Promise<string> {
  const wire = await dialWire(at);
  wire.send(request);
  return (await wire.rest()).toString();
}

/** The value of each series, once they are as `until` wants them: the text may be 200 ms old. */
export async function series(
  at: number,
  until: (found: ReadonlyMap<string, number>) => boolean,
): Promise<Map<string, number>> {
  for (;;) {
    const [, body = ''] = (await readMetrics(at)).split('\r\n\r\n');
    const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const found = new Map(
      lines.map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' ') + 1)),
      ]),
    );
    if (found.size !== lines.length) throw new Error('a series stands there twice');
    if (until(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
