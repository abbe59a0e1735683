// A server that a test embeds, on a free port, with everything that it reports.
import type { ExecutionContext } from 'ava';
import { createServer, type ServerOptions, type SessionEvent, type SocksServer } from '../../src/index.ts';

export interface TestEmbedded {
  readonly server: SocksServer;
  readonly port: number;
  readonly events: readonly SessionEvent[];
  /** Resolves once an event fits, the first that does; those before this call count. */
  readonly event: (fits: (event: SessionEvent) => boolean) => Promise<SessionEvent>;
  /** `kind` or `kind:FAULT` of each event so far. */
  readonly words: () => readonly string[];
}

/** Closed with the test. */
export async function startEmbedded(t: ExecutionContext, options: ServerOptions): Promise<TestEmbedded> {
  const events: SessionEvent[] = [];
  let wake = (): void => undefined;
  const server = createServer({
    ...options,
    onEvent: (event) => {
      events.push(event);
      wake();
      return options.onEvent?.(event);
    },
  });
  t.teardown(() => server.close());
  const { port } = await server.listen(0);
  return {
    server,
    port,
    events,
    event: async (fits) => {
      for (;;) {
        const found = events.find(fits);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    words: () =>
      events.map((event) =>
        'fault' in event && event.fault !== undefined ? `${event.kind}:${event.fault.code}` : event.kind,
      ),
  };
}

export const TRANSPORTS = ['auto', 'streams'] as const;
