// Volume through two sockets, with checksums at both ends.
import { createHash, randomBytes } from 'node:crypto';
import type { Wire } from './sockets.ts';

/** Sends `size` bytes (whole MiB) and FIN from one to the other; SHA-256 of what left and of what came. */
export async function transfer(
  from: Wire,
  to: Wire,
  size: number,
): Promise<{ sent: string; received: string }> {
  const received = createHash('sha256');
  to.socket.removeAllListeners('data');
  to.socket.on('data', (bytes) => received.update(bytes));
  const ended = new Promise((resolve) => to.socket.once('end', resolve));
  const sent = createHash('sha256');
  const chunk = randomBytes(1024 * 1024);
  for (let left = size; left > 0; left -= chunk.length) {
    chunk.writeUInt32BE(left, 0);
    const piece = Buffer.from(chunk);
    sent.update(piece);
    if (!from.socket.write(piece)) await new Promise((resolve) => from.socket.once('drain', resolve));
  }
  from.socket.end();
  await ended;
  return { sent: sent.digest('hex'), received: received.digest('hex') };
}
