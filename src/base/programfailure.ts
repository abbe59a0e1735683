// The error that ends a program: it carries a message and an exit status up to main().

/** `message` is what the operator reads, without the name of the program; `status` one of sysexits(3). */
export class ProgramFailure<Status extends number> extends Error {
  readonly status: Status;

  constructor(status: Status, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.status = status;
  }
}
