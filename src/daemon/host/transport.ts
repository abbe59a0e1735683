// Which transport serves, and why.
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { LOOPBACK_IPV4, type Endpoint } from '../../base/ip.ts';
import type { Config, Route } from '../../config/model/config.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import { createEngineTransport } from '../../net/engine/engine.ts';
import type { PipeOpening, SocketOptions } from '../../net/engine/engineoptions.ts';
import { loadAddon, type Addon } from '../../net/native/addon.ts';
import { accountOf } from '../../net/native/descriptors.ts';
import { createStreamsTransport } from '../../net/streams/streams.ts';
import type { SocketMarks, Transport } from '../../net/transport.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

export interface Native {
  /** undefined: there is none, for `reason`. */
  readonly addon: Addon | undefined;
  readonly reason: string;
}

export interface ChosenTransport {
  readonly transport: Transport;
  /** For the log: why this one. */
  readonly reason: string;
}

/** The native addon, which the log uses too. */
export function findNative(): Native {
  const found = loadAddon();
  return 'reason' in found
    ? { addon: undefined, reason: found.reason }
    : { addon: found, reason: 'the native addon loads' };
}

/** StartFailure (71) where the configuration asks for the engine, or for what only the engine can do, in vain. */
export function chooseTransport(config: Config, { addon, reason }: Native): ChosenTransport {
  const needing = engineOnlyOptions(config);
  if (config.inetd && config.transport === 'auto' && needing.length === 0) {
    return { transport: openStreams(addon), reason: 'one client needs no relay threads' };
  }
  if (config.transport !== 'streams' && addon !== undefined) return openEngine(config, addon);
  const missing = config.transport === 'streams' ? 'transport is streams' : reason;
  if (config.transport === 'engine' || needing.length > 0) {
    const what = config.transport === 'engine' ? 'transport engine' : needing.join(', ');
    throw new StartFailure(EXIT.OS_ERROR, `${what}: needs the native engine, but ${missing}`);
  }
  return { transport: openStreams(addon), reason: missing };
}

function openStreams(addon: Addon | undefined): Transport {
  return createStreamsTransport(addon && ((descriptor) => accountOf(addon, descriptor)));
}

function openEngine(config: Config, addon: Addon): ChosenTransport {
  const relayThreads = config.relayThreads === 0 ? undefined : config.relayThreads;
  const outgoing = socketOptions(config);
  try {
    const transport = createEngineTransport(addon, { relayThreads, outgoing, pipes: pipeOpening() });
    return { transport, reason: 'the native addon loads' };
  } catch (error) {
    throw new StartFailure(EXIT.OS_ERROR, `cannot start the engine: ${(error as Error).message}`, error);
  }
}

/** Root opens them before it becomes another account, which gets few large ones (pipe(7), pipe-user-pages-soft). */
export function pipeOpening(): PipeOpening {
  return process.geteuid?.() === 0 ? 'ahead' : 'as-needed';
}

function socketOptions(config: Config): SocketOptions {
  return {
    interface: config.device,
    mark: config.mark,
    keepAliveSeconds:
      config.keepAliveMs === 0 ? undefined : Math.max(1, Math.round(config.keepAliveMs / 1000)),
    tos: config.typeOfService,
    fastOpen: config.fastOpen,
    freeBind: config.freeBind,
  };
}

/** Settings that only the engine can keep, in the words of the configuration. */
function engineOnlyOptions(config: Config): string[] {
  return [...optionsOfAll(config), ...optionsOfRoutes(config.routes)];
}

function optionsOfAll(config: Config): string[] {
  const { interface: device, keepAliveSeconds, ...rest } = socketOptions(config);
  const asked = { device, keepalive: keepAliveSeconds, mark: rest.mark, tos: rest.tos };
  const flags = { 'fast-open': config.fastOpen, freebind: config.freeBind };
  return [
    ...Object.entries(asked).flatMap(([keyword, value]) => (value === undefined ? [] : [keyword])),
    ...Object.entries(flags).flatMap(([keyword, isOn]) => (isOn ? [keyword] : [])),
  ];
}

function optionsOfRoutes(routes: readonly Route[]): string[] {
  return routes.flatMap((route) =>
    markKeysOf(route).map((key) => `${key}= of the route at ${formatOrigin(route.origin)}`),
  );
}

function markKeysOf({ device, mark }: SocketMarks): string[] {
  return Object.entries({ device, mark }).flatMap(([key, value]) => (value === undefined ? [] : [key]));
}

/** A port where no listener is needed: a refused option is refused before connecting. */
const PROBE: Endpoint = { ip: LOOPBACK_IPV4, port: 9 };
const PROBE_LIMIT_MS = 50;

/**
 * Whether the options of outgoing sockets can be set with the privileges that are left; StartFailure (77) says which cannot.
 * Otherwise only clients would see the failure, one after the other.
 */
export async function checkSocketOptions(config: Config, transport: Transport): Promise<void> {
  if (optionsOfAll(config).length > 0) await tryOptions(transport, {}, 'outgoing connections');
  await checkRouteOptions(config.routes, transport);
}

/** The same for what routes say; StartFailure (71) where streams serve. */
export async function checkRouteOptions(routes: readonly Route[], transport: Transport): Promise<void> {
  const [needing] = optionsOfRoutes(routes);
  if (needing !== undefined && transport.name === 'streams') {
    throw new StartFailure(EXIT.OS_ERROR, `${needing}: needs the native engine, and streams serve`);
  }
  const marked = routes.filter((route) => markKeysOf(route).length > 0);
  // Those that say the same need no second attempt.
  const different = new Map(marked.map((route) => [JSON.stringify([route.device, route.mark]), route]));
  for (const { origin, device, mark } of different.values()) {
    await tryOptions(transport, { device, mark }, `the route at ${formatOrigin(origin)}`);
  }
}

async function tryOptions(transport: Transport, marks: SocketMarks, what: string): Promise<void> {
  const deadline = new Deadline(PROBE_LIMIT_MS, 'CONNECT_TIMEOUT');
  try {
    const leg = await transport.dial(PROBE, marks, deadline);
    leg.close('reset');
  } catch (error) {
    if (error instanceof Fault && error.code === 'CONNECT_FORBIDDEN') {
      const why = `${what}: ${String(error.cause)}, after privileges were dropped`;
      throw new StartFailure(EXIT.NO_PERMISSION, why, error);
    }
  } finally {
    deadline.clear();
  }
}
