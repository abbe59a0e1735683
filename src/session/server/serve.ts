// A handshake from the first byte to the relay, in the order of RFC 1928; SOCKS4 takes a shorter way. Every failure ends
// up in refuse().
import { Fault, type FaultCode } from '../../base/fault.ts';
import { readMessage } from '../../net/read.ts';
import type { Relay } from '../../net/transport.ts';
import { admitClient, admitName, type Asking } from '../../policy/rules/rules.ts';
import type { Destination } from '../../protocol/address.ts';
import { COMMAND } from '../../protocol/codes.ts';
import { decodeOpening } from '../../protocol/opening.ts';
import { decodeRequest, type Request } from '../../protocol/request.ts';
import { askingOf } from '../asking.ts';
import { bind } from '../bind/bind.ts';
import { connect } from '../commands/connect.ts';
import { resolveAddress, resolveName } from '../commands/resolve.ts';
import { meantBy, tryInTurn, type NameDestination } from '../completion.ts';
import type { SessionCommand } from '../events.ts';
import { authenticate } from '../login/authenticate.ts';
import { enterSocks4 } from '../login/socks4.ts';
import { mustAllow, refuse } from '../refuse.ts';
import type { Handshake, Program, Surroundings } from '../session.ts';
import { faultOfOpening, faultOfRequest } from '../spoken.ts';
import { associate } from '../udp/associate.ts';
import { admitByName } from './entrance.ts';

interface Command {
  readonly name: SessionCommand;
  /** What the rules are asked about a name that is completed; absent: none is. */
  readonly asks?: Asking['command'];
  /** Answers the client; rejects with the fault that it is told instead. */
  readonly run: (
    handshake: Handshake,
    destination: Destination,
    surroundings: Surroundings,
  ) => Promise<Relay>;
}

const CONNECT: Command = { name: 'connect', asks: 'connect', run: connect };
const BIND: Command = { name: 'bind', asks: 'bind', run: bind };
const RESOLVE: Command = { name: 'resolve', asks: 'resolve', run: resolveName };

/** What can be asked for in each version, by CMD. */
const COMMANDS: Readonly<Record<4 | 5, ReadonlyMap<number, Command>>> = {
  4: new Map([
    [COMMAND.CONNECT, CONNECT],
    [COMMAND.BIND, BIND],
    [COMMAND.RESOLVE, RESOLVE],
  ]),
  5: new Map([
    [COMMAND.CONNECT, CONNECT],
    [COMMAND.BIND, BIND],
    [COMMAND.UDP_ASSOCIATE, { name: 'assoc', run: associate }],
    [COMMAND.RESOLVE, RESOLVE],
    [COMMAND.RESOLVE_PTR, { name: 'resolve-ptr', run: resolveAddress }],
  ]),
};

/**
 * Serves one client up to the moment when its bytes flow; undefined when it was refused and is closed. Rejects only
 * on a bug. Nothing of it waits for the relay to end: an idle session must not cost a suspended function.
 */
export async function serve(handshake: Handshake, surroundings: Surroundings): Promise<Relay | undefined> {
  try {
    if (surroundings.transport.own.tcp.meet(handshake.session.client, handshake.leg.local))
      throw new Fault('CLIENT_IS_SELF');
    if (handshake.snapshot.hostsAccess !== undefined) await admitByName(handshake, surroundings.resolver);
    mustAllow(admitClient(handshake.snapshot.policy, handshake.session.client.ip));
    const opening = await readMessage(handshake.leg, decodeOpening, faultOfOpening);
    let request: Request;
    if (opening.version === 4) {
      const { command, destination } = opening.request;
      if (destination === undefined) handshake.session.command = COMMANDS[4].get(command)?.name;
      request = enterSocks4(handshake, opening.request, surroundings.logins);
    } else {
      const login = authenticate(handshake, opening.greeting, surroundings);
      if (login !== undefined) await login;
      handshake.owed = 'reply';
      request = await readMessage(handshake.leg, decodeRequest, (code, bytes) =>
        refusedRequest(handshake, code, bytes),
      );
    }
    handshake.deadline.clear();
    return await execute(handshake, request, surroundings);
  } catch (failure) {
    refuse(handshake, failure, surroundings.report);
    return undefined;
  }
}

/** What it asked for stands in the record, too. */
function refusedRequest({ session }: Handshake, code: FaultCode | undefined, bytes: Uint8Array): Fault {
  session.command = COMMANDS[5].get(bytes[1] ?? 0)?.name;
  return faultOfRequest(code, bytes);
}

function execute(handshake: Handshake, request: Request, surroundings: Surroundings): Promise<Relay> {
  handshake.session.destination = request.destination;
  const command = COMMANDS[handshake.version].get(request.command);
  if (command === undefined) throw new Fault('COMMAND_UNSUPPORTED', `command ${request.command}`);
  handshake.session.command = command.name;
  handshake.settle(handshake);
  const { program } = handshake.snapshot;
  return program === undefined
    ? runTowards(handshake, command, request.destination, surroundings)
    : decided(handshake, { command, program, destination: request.destination }, surroundings);
}

interface Undecided {
  readonly command: Command;
  readonly program: Program;
  readonly destination: Destination;
}

async function decided(
  handshake: Handshake,
  { command, program, destination }: Undecided,
  surroundings: Surroundings,
): Promise<Relay> {
  const goal = await program.decide(handshake, destination);
  return runTowards(handshake, command, goal, program.surroundingsOf(handshake, surroundings));
}

function runTowards(
  handshake: Handshake,
  command: Command,
  goal: Destination,
  surroundings: Surroundings,
): Promise<Relay> {
  return goal.kind === 'name' && command.asks !== undefined
    ? runWithName(handshake, { ...command, asks: command.asks }, goal, surroundings)
    : command.run(handshake, goal, surroundings);
}

/** The record has the name that was looked up last. */
function runWithName(
  handshake: Handshake,
  { asks, run }: Required<Command>,
  asked: NameDestination,
  surroundings: Surroundings,
): Promise<Relay> {
  const { policy, routing, connectTimeoutMs } = handshake.snapshot;
  const { resolver } = surroundings;
  const isAllowed = (each: NameDestination): boolean =>
    admitName(policy, askingOf(handshake, asks, each)).verdict === 'allow';
  const meant = meantBy(asked, { resolver, routing, carrier: 'tcp', isAllowed });
  return tryInTurn(meant, connectTimeoutMs, (destination) => {
    if (destination !== asked || meant.length > 1) handshake.session.destination = destination;
    return run(handshake, destination, surroundings);
  });
}
