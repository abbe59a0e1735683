// The control socket of a daemon, from before the drop until its end, or nothing where none is configured.
import type { Account } from './accounts.ts';
import { createDesk, type DeskParts } from './controldesk.ts';
import type { Handover } from './handover.ts';
import { openControlSocket } from './controlsocket.ts';

export interface Control {
  /** Answers requests from now on. */
  serve(parts: DeskParts, handover: Handover): void;
  /** As ControlSocket. */
  rest(): void;
  resume(): Promise<void>;
  /** Stops that and removes the socket, as any exit does by itself; a sentence where it has to stay. */
  release(): string | undefined;
}

const NONE: Control = {
  serve: () => undefined,
  rest: () => undefined,
  resume: () => Promise.resolve(),
  release: () => undefined,
};

/** To be called as root; the socket will be the property of `account`. Rejects with StartFailure. */
export async function keepControl(path: string | undefined, account: Account | undefined): Promise<Control> {
  if (path === undefined) return NONE;
  const socket = await openControlSocket(path, account);
  const release = (): string | undefined => {
    process.off('exit', release);
    return socket.release();
  };
  process.once('exit', release);
  return {
    serve(parts, handover) {
      const desk = createDesk(parts);
      socket.serve((line, from) => handover.answer(line, from) ?? desk(line, from));
    },
    rest: () => socket.rest(),
    resume: () => socket.resume(),
    release,
  };
}
