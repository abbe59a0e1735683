// `@INTERFACE` while the daemon runs: an address that comes is listened on, one that goes is not any more. DHCP, SLAAC and tunnels
// bring addresses after the start.
import { formatEndpoint, type Endpoint, type Ip } from '../../base/ip.ts';
import type { ListenAddress } from '../../config/model/config.ts';
import { plainly, type EndpointPlan } from '../../net/layer.ts';
import type { Log } from '../../observe/log.ts';
import type { Server } from '../../session/server/server.ts';
import { bindableAddresses } from '../host/ownaddresses.ts';
import type { PlanFor } from './listen.ts';

/** Between two looks at the interfaces. */
const LOOK_INTERVAL_MS = 1000;

export interface FollowingParts {
  readonly server: Pick<Server, 'listening' | 'unlisten'> & {
    listen(plan: EndpointPlan): Promise<unknown>;
  };
  readonly log: Log;
  /** How an address that comes is listened on; by default plainly. */
  readonly planFor?: PlanFor;
  /** Whether an address is of this host: without carrier, the system lists none of an interface. */
  readonly isHere: (ip: Ip) => boolean;
  /** Whether it is to be done now: neither at the end nor while something else moves listeners. */
  readonly isServing: () => boolean;
  /** The addresses of an interface; by default those that the system lists. */
  readonly addressesOf?: (name: string) => readonly Ip[];
}

export class Following {
  readonly #parts: FollowingParts;
  readonly #addressesOf: (name: string) => readonly Ip[];
  #interfaces: readonly Extract<ListenAddress, { kind: 'interface' }>[] = [];
  /** Listened on because of an interface; by `ADDRESS:PORT`. */
  #followed = new Map<string, Endpoint>();
  /** Why nothing is listened on at `ADDRESS:PORT`, or at `@INTERFACE`, as it was told last. */
  readonly #told = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;

  constructor(parts: FollowingParts) {
    this.#parts = parts;
    this.#addressesOf = parts.addressesOf ?? bindableAddresses;
  }

  /** From now on `listen` holds; `steady` are listened on whatever interfaces have. */
  follow(listen: readonly ListenAddress[], steady: readonly string[]): void {
    this.stop();
    this.#interfaces = listen.filter((each) => each.kind === 'interface');
    const open = new Set(this.#parts.server.listening);
    this.#followed = new Map([...this.#wanted()].filter(([at]) => open.has(at) && !steady.includes(at)));
    this.#told.clear();
    if (this.#interfaces.length === 0) return;
    // When no address is listened on, this timer keeps the process alive.
    this.#timer = setInterval(() => void this.look(), LOOK_INTERVAL_MS);
    void this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Opens and closes what has changed. */
  async look(): Promise<void> {
    if (this.#isBusy || !this.#parts.isServing()) return;
    this.#isBusy = true;
    const wanted = this.#wanted();
    this.#close(wanted);
    for (const [at, endpoint] of wanted) {
      if (!this.#parts.server.listening.includes(at)) await this.#open(at, endpoint);
    }
    this.#tellEmpty();
    this.#isBusy = false;
  }

  #wanted(): ReadonlyMap<string, Endpoint> {
    return new Map(
      this.#interfaces.flatMap(({ name, port }) =>
        this.#addressesOf(name).map((ip) => [formatEndpoint({ ip, port }), { ip, port }] as const),
      ),
    );
  }

  #close(wanted: ReadonlyMap<string, Endpoint>): void {
    const { server, log, isHere } = this.#parts;
    for (const [at, { ip }] of this.#followed) {
      if (wanted.has(at) || isHere(ip)) continue;
      server.unlisten(at);
      this.#followed.delete(at);
      log.write('notice', 'listen', { closed: at }, 'the address has left its interface');
    }
    for (const at of this.#told.keys()) if (!at.startsWith('@') && !wanted.has(at)) this.#told.delete(at);
  }

  async #open(at: string, endpoint: Endpoint): Promise<void> {
    const { server, log, planFor = plainly } = this.#parts;
    try {
      await server.listen(planFor(endpoint, this.#reasonFor(endpoint)));
      this.#followed.set(at, endpoint);
      this.#told.delete(at);
      log.write('notice', 'listen', { opened: at });
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      // A tentative address of IPv6 cannot be had for a moment (RFC 4862 section 5.4).
      if (code === 'EADDRNOTAVAIL') return;
      this.#tellOnce(at, code === 'EACCES' ? NO_PRIVILEGE : `cannot listen there: ${message}`, {
        failed: at,
      });
    }
  }

  #reasonFor({ ip, port }: Endpoint): Pick<ListenAddress, 'tls'> {
    const isOf = (each: Extract<ListenAddress, { kind: 'interface' }>): boolean =>
      each.port === port && this.#addressesOf(each.name).includes(ip);
    return this.#interfaces.find(isOf) ?? {};
  }

  #tellEmpty(): void {
    for (const { name } of this.#interfaces) {
      const about = `@${name}`;
      if (this.#addressesOf(name).length > 0) this.#told.delete(about);
      else
        this.#tellOnce(about, `${about} has no address now; it is listened on once it has`, {
          interface: name,
        });
    }
  }

  #tellOnce(about: string, why: string, fields: Readonly<Record<string, string>>): void {
    if (this.#told.get(about) === why) return;
    this.#told.set(about, why);
    this.#parts.log.write('warn', 'listen', fields, why);
  }
}

const NO_PRIVILEGE =
  'this account may not open a port below 1024 now: restart the daemon, or listen on all addresses (*:PORT), or by a ' +
  'socket of systemd, or allow such ports by net.ipv4.ip_unprivileged_port_start';
