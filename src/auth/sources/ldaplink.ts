// One connection to a directory, used until it closes and never opened again: the package would connect anew by itself, without the TLS
// of before, and send the next password in the clear.
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Client } from 'ldapts';
import type { LdapServer } from '../../config/model/auth.ts';
import type { Ldapts } from './ldapnames.ts';

export interface LinkPlan {
  readonly startTls: boolean;
  /** Certificates of those that are trusted, as PEM; undefined: those of Node.js. */
  readonly ca: string | undefined;
  /** For each step. */
  readonly timeoutMs: number;
}

/** Most bytes of one connection: no directory says more. */
const MAX_SAID = 16_777_216;

export class LdapLink {
  readonly server: LdapServer;
  readonly #client: Client;
  readonly #timeoutMs: number;
  #socket: Socket | undefined;
  #closed: Error | undefined;
  #whenClosed: (error: Error) => void = () => undefined;
  readonly #closing: Promise<never>;

  private constructor(server: LdapServer, plan: LinkPlan, { Client }: Ldapts) {
    this.server = server;
    this.#timeoutMs = plan.timeoutMs;
    this.#closing = new Promise((_, reject) => (this.#whenClosed = reject));
    this.#closing.catch(() => undefined);
    const tlsOptions = trustOf(server, plan);
    this.#client = new Client({
      url: server.url,
      // With any, the package begins TLS at once.
      ...(server.isSecure ? { tlsOptions } : {}),
      createConnection: () => this.#once(() => connect(server.port, server.host)),
      // For `ldaps:` with port and host, for StartTLS with the socket that there is.
      createSecureConnection: (...args: unknown[]) =>
        typeof args[0] === 'number'
          ? this.#once(() => connectTls(server.port, server.host, tlsOptions))
          : connectTls(args[0] as ConnectionOptions),
    });
  }

  /** Opens it, with TLS where that is asked for. Rejects with an Error. */
  static async open(server: LdapServer, plan: LinkPlan, ldapts: Ldapts): Promise<LdapLink> {
    const link = new LdapLink(server, plan, ldapts);
    try {
      if (plan.startTls && !server.isSecure)
        await link.run((client) => client.startTLS(trustOf(server, plan)));
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  /** One step. Rejects with what the package or the network says, and where it takes too long; the link is closed then. */
  async run<T>(step: (client: Client) => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw this.#closed;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer in ${this.#timeoutMs} ms`));
        this.close();
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([step(this.#client), patience, this.#closing]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#end(new Error('the connection is closed'));
    this.#socket?.destroy();
  }

  #once<Opened extends Socket>(open: () => Opened): Opened {
    if (this.#socket !== undefined) throw new Error('the connection is closed');
    const socket = open();
    this.#socket = socket;
    let bytes = 0;
    socket.on('data', (data: Buffer) => {
      bytes += data.length;
      if (bytes > MAX_SAID) this.close();
    });
    socket.on('close', () => this.#end(new Error('the connection was closed')));
    return socket;
  }

  #end(why: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = why;
    this.#whenClosed(why);
  }
}

function trustOf({ host }: LdapServer, { ca }: LinkPlan): ConnectionOptions {
  return {
    host,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(isIP(host) ? {} : { servername: host }),
  };
}
