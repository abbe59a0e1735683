// Writing to an inherited descriptor without ever waiting for its reader. Three kinds, three ways, because a
// write that blocks in a thread of the pool keeps even process.exit() from ending the process:
// - a pipe is opened once more through /proc, non-blocking; the open description that we share with our parent
//   stays as it is. A FIFO cannot be opened that way elsewhere than on Linux, where it is then taken as a file;
// - a socket (what systemd gives) becomes a stream of node:net;
// - files and terminals: one asynchronous fs.write() at a time.
import { constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';

export interface OutputFd {
  /** Writes all bytes; one call at a time. Rejects with the system's error. */
  write(bytes: Uint8Array): Promise<void>;
  /** Stops a pending write, which then rejects. The inherited descriptor itself stays open. */
  close(): void;
}

/** Opens a way to `fd`; throws EBADF where there is no such descriptor. */
export function openOutputFd(fd: number): OutputFd {
  const kind = fstatSync(fd);
  if (kind.isSocket()) return streamOutput(fd);
  const again = kind.isFIFO() ? openPipeAgain(fd) : undefined;
  return again === undefined ? fileOutput(fd) : streamOutput(again);
}

function openPipeAgain(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

function streamOutput(fd: number): OutputFd {
  const stream = new Socket({ fd, readable: false, writable: true });
  stream.unref();
  stream.on('error', () => undefined); // the pending write reports it
  return {
    write: (bytes) =>
      new Promise((settle, fail) => {
        stream.write(bytes, (error) => (error ? fail(error) : settle()));
      }),
    close: () => void stream.destroy(), // libuv itself leaves descriptors 0 to 2 open, on errors too
  };
}

function fileOutput(fd: number): OutputFd {
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) at += await writeSome(fd, bytes.subarray(at));
    },
    close: () => undefined,
  };
}

function writeSome(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((settle, fail) => {
    write(fd, bytes, (error, written) => (error ? fail(error) : settle(written)));
  });
}
