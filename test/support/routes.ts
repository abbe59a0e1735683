// Routes in tests, as an operator writes them.
import type { Route } from '../../src/config/model/config.ts';
import { ROUTE } from '../../src/config/routes/routes.ts';
import type { Routing } from '../../src/net/routes/travel.ts';
import { Ways, type WayChange } from '../../src/net/routes/ways.ts';
import { compileRoutes } from '../../src/policy/itinerary/routes.ts';

/** One line, which stands at `test.conf:1`. */
export function route(text: string): Route {
  const reading = { origin: { file: 'test.conf', line: 1 }, folder: '/', portOf: () => undefined };
  const parsed = ROUTE.parse(text, reading);
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.value;
}

/** What a snapshot has of these lines; `changes` gets what becomes known of ways. */
export function routing(lines: readonly string[], changes: WayChange[] = []): Routing {
  return {
    table: compileRoutes(lines.map(route)),
    ways: new Ways((change) => changes.push(change)),
    credentials: () => undefined,
    trust: undefined,
    isSelf: () => false,
  };
}
