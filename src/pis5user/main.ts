// The program pis5user, which manages the users of a password file: argv in, exit status out.
import { VERSION } from '../control/version.ts';
import { print } from '../daemon/unix/output.ts';
import { OLD_METHODS, parseCommandLine, USAGE, type Pis5userCommand } from './commandline.ts';
import { addUser, changePassword, deleteUser, listUsers, printLines, verifyUser } from './commands.ts';
import { Pis5userFailure, STATUS, type Pis5userStatus } from './failure.ts';
import { addUsers } from './many.ts';
import { expireUser, lockUser, unlockUser } from './marking.ts';

/** Runs one command; `argv` is what follows the name of the program. Rejects only on a bug. */
export async function main(argv: readonly string[]): Promise<Pis5userStatus> {
  try {
    await run(parseCommandLine(argv));
    return STATUS.OK;
  } catch (error) {
    if (!(error instanceof Pis5userFailure)) throw error;
    process.stderr.write(`pis5user: ${error.message}\n`);
    return error.status;
  }
}

async function run(command: Pis5userCommand): Promise<void> {
  switch (command.kind) {
    case 'help':
      print('pis5user', USAGE);
      return;
    case 'version':
      print('pis5user', `pis5user (picosocks5) ${VERSION}\n`);
      return;
    case 'methods':
      print('pis5user', `${OLD_METHODS.join('\n')}\n`);
      return;
    case 'print':
      return printLines(command);
    case 'list':
      listUsers(command.file);
      return;
    case 'verify':
      return verifyUser(command);
    case 'add':
      return addUser(command);
    case 'add-many':
      return addUsers(command);
    case 'passwd':
      return changePassword(command);
    case 'lock':
      lockUser(command.file, command.user);
      return;
    case 'unlock':
      unlockUser(command.file, command.user);
      return;
    case 'expire':
      expireUser(command);
      return;
    case 'delete':
      deleteUser(command.file, command.user);
      return;
  }
}
