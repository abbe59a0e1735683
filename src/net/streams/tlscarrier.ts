// The carrier below TLS, which must hear of a FIN before it acts on it: a released leg as a stream that reports FIN instead of
// ending. Our own FIN is sent only at the end: intermediaries may treat a half-close as a full close.
import { Duplex } from 'node:stream';
import { Fault } from '../../base/fault.ts';
import type { Released, StreamCarrier } from '../released.ts';
import { endingOf } from './streamend.ts';
import { lingeringClose } from './streamleg.ts';

/** Takes the stream; its error is PEER_RESET. It buffers no more than Node's streams do by themselves. */
export function carrierForTls(
  { carrier, unread, finished, broken }: Released,
  onFin: () => void,
): StreamCarrier {
  const below = carrier.stream;
  const fail = (cause: Error): void => void stream.destroy(new Fault('PEER_RESET', cause));
  const take = (bytes: Uint8Array): void => {
    if (!stream.push(bytes)) below.pause();
  };
  const stream: Duplex = new Duplex({
    read: () => void below.resume(),
    write: (bytes: Uint8Array, _encoding, done) => void below.write(bytes, done),
    // In one piece: each write costs a system call.
    writev: (pieces, done) => {
      below.cork();
      const last = pieces.length - 1;
      for (const [at, { chunk }] of pieces.entries()) below.write(chunk, at === last ? done : undefined);
      below.uncork();
    },
    // A stream destroyed in the middle is reset.
    destroy: (error, done) => {
      below.off('data', take);
      below.on('error', () => undefined);
      if (stream.writableFinished) lingeringClose(below);
      else carrier.reset();
      done(error);
    },
  });
  for (const bytes of unread) stream.push(bytes);
  below.on('data', take);
  below.on('error', fail);
  below.on('end', () => {
    const ending = endingOf(below);
    if (ending === 'fin') onFin();
    else fail(ending);
  });
  if (broken || below.destroyed) queueMicrotask(() => fail(new Error('reset before TLS')));
  else if (finished) queueMicrotask(onFin);
  const reset = (): void => {
    carrier.reset();
    stream.destroy();
  };
  return { stream, reset };
}
