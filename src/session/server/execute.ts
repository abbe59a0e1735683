// A whole request: the program decides about its destination, then the command runs, and again for each name that may be meant.
import { Fault } from '../../base/fault.ts';
import type { Destination } from '../../protocol/address.ts';
import type { Request } from '../../protocol/request.ts';
import { askingOf } from '../asking.ts';
import type { Command } from '../commands/commands.ts';
import { mayBeLookedUp, meantBy, tryInTurn, type NameDestination } from '../completion.ts';
import type { Outcome } from '../outcome.ts';
import type { Handshake, Program, Surroundings } from '../session.ts';

/**
 * Executes the request, all but the reply. `command` is undefined when its dialect has none of that number. Throws
 * COMMAND_UNSUPPORTED or LIMIT_REACHED; rejects with the fault of the command.
 */
export function execute(
  handshake: Handshake,
  command: Command | undefined,
  request: Request,
  surroundings: Surroundings,
): Promise<Outcome> {
  handshake.deadline.clear();
  handshake.session.destination = request.destination;
  if (command === undefined) throw new Fault('COMMAND_UNSUPPORTED', `command ${request.command}`);
  handshake.session.command = command.name;
  surroundings.onRequest?.(handshake.session);
  handshake.home.settle(handshake);
  const { program } = handshake.snapshot;
  // A program decides where requests go, and this one goes nowhere.
  return program === undefined || command.name === 'pac'
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
): Promise<Outcome> {
  const goal = await program.decide(handshake, destination);
  return runTowards(handshake, command, goal, program.surroundingsOf(handshake, surroundings));
}

function runTowards(
  handshake: Handshake,
  command: Command,
  goal: Destination,
  surroundings: Surroundings,
): Promise<Outcome> {
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
): Promise<Outcome> {
  const { policy, routing, connectTimeoutMs } = handshake.snapshot;
  const { resolver } = surroundings;
  const isAllowed = mayBeLookedUp(policy, (each) => askingOf(handshake, asks, each));
  const meant = meantBy(asked, { resolver, table: routing?.table, carrier: 'tcp', isAllowed });
  return tryInTurn(meant, connectTimeoutMs, (destination) => {
    if (destination !== asked || meant.length > 1) handshake.session.destination = destination;
    return run(handshake, destination, surroundings);
  });
}
