// The program pis5ctl, which asks a running daemon, and tells it what to do: argv in, exit status out.
import { VERSION } from '../control/version.ts';
import { print } from '../daemon/unix/output.ts';
import { parseCommandLine, USAGE, type Pis5ctlCommand } from './commandline.ts';
import { openConnection } from './connection.ts';
import { Pis5ctlFailure, STATUS, type Pis5ctlStatus } from './failure.ts';
import { showAnswer, exitStatusOf } from './show.ts';
import { fleetStatusOf, showFleetAnswer } from './showfleet.ts';
import { sumUp, type UsageCommand } from './accounts.ts';
import { watchDrain } from './drainwatch.ts';
import { watchSessions } from './top.ts';

/** Runs one command; `argv` is what follows the name of the program. Rejects only on a bug. */
export async function main(argv: readonly string[]): Promise<Pis5ctlStatus> {
  try {
    return await run(parseCommandLine(argv));
  } catch (error) {
    if (!(error instanceof Pis5ctlFailure)) throw error;
    process.stderr.write(`pis5ctl: ${error.message}\n`);
    return error.status;
  }
}

async function run(command: Pis5ctlCommand): Promise<Pis5ctlStatus> {
  switch (command.kind) {
    case 'help':
      print('pis5ctl', USAGE);
      return STATUS.OK;
    case 'version':
      print('pis5ctl', `pis5ctl (picosocks5) ${VERSION}\n`);
      return STATUS.OK;
    case 'ask':
      return askDaemon(command);
    case 'drain':
      return drainDaemon(command);
    case 'usage':
      return addUp(command.command);
    case 'top':
      return watch(command);
  }
}

async function askDaemon({
  path,
  form,
  request,
}: Extract<Pis5ctlCommand, { kind: 'ask' }>): Promise<Pis5ctlStatus> {
  const connection = await openConnection(path);
  try {
    if (request.fleet === true) {
      const { answer, line } = await connection.askFleet(request);
      print('pis5ctl', `${form === 'json' ? line : showFleetAnswer(answer).join('\n')}\n`);
      return fleetStatusOf(answer);
    }
    const { answer, line } = await connection.ask(request);
    print('pis5ctl', `${form === 'json' ? line : showAnswer(answer).join('\n')}\n`);
    return exitStatusOf(answer);
  } finally {
    connection.close();
  }
}

async function drainDaemon({
  path,
  request,
}: Extract<Pis5ctlCommand, { kind: 'drain' }>): Promise<Pis5ctlStatus> {
  const connection = await openConnection(path);
  try {
    const { answer } = await connection.ask(request);
    print('pis5ctl', `${showAnswer(answer).join('\n')}\n`);
    return await watchDrain(connection, answer);
  } finally {
    connection.close();
  }
}

async function addUp(command: UsageCommand): Promise<Pis5ctlStatus> {
  const { lines, notes } = await sumUp(command);
  print('pis5ctl', `${lines.join('\n')}\n`);
  for (const note of notes) process.stderr.write(`pis5ctl: ${note}\n`);
  return STATUS.OK;
}

async function watch({ path, request }: Extract<Pis5ctlCommand, { kind: 'top' }>): Promise<Pis5ctlStatus> {
  const connection = await openConnection(path);
  try {
    await watchSessions(connection, request);
    return STATUS.OK;
  } finally {
    connection.close();
  }
}
