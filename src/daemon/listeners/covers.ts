// Which listeners speak TLS. A listener keeps its list of layers for as long as it is open, and a reload changes what is in it: so an
// address can change from plain to TLS without being closed.
import { formatEndpoint, type Endpoint } from '../../base/ip.ts';
import type { ListenAddress } from '../../config/model/config.ts';
import type { EndpointPlan, Layer } from '../../net/layer.ts';

export class Covers {
  readonly #tls: Layer;
  /** By `ADDRESS:PORT`. */
  readonly #lists = new Map<string, Layer[]>();
  #covered: ReadonlySet<string> = new Set();

  constructor(tls: Layer) {
    this.#tls = tls;
  }

  /** `ADDRESS:PORT` of those that speak TLS. */
  get covered(): readonly string[] {
    return [...this.#covered];
  }

  /** The layers of the listener at `address`, now and later. */
  at(address: string): Layer[] {
    const known = this.#lists.get(address) ?? [];
    this.adopt(address, known);
    return known;
  }

  /** The plan of a listener that is about to be opened; it speaks TLS if `address` does. */
  planFor(endpoint: Endpoint, { tls }: Pick<ListenAddress, 'tls'>): EndpointPlan {
    const at = formatEndpoint(endpoint);
    if (tls === true) this.#covered = new Set([...this.#covered, at]);
    return { endpoint, layers: this.at(at) };
  }

  /** `list` is that of a listener that was opened before its address was known. */
  adopt(address: string, list: Layer[]): void {
    this.#lists.set(address, list);
    this.#fill(address, list);
  }

  /** From now on the listeners at `addresses` speak TLS, and no others. */
  follow(addresses: readonly string[]): void {
    this.#covered = new Set(addresses);
    for (const [address, list] of this.#lists) this.#fill(address, list);
  }

  #fill(address: string, list: Layer[]): void {
    list.splice(0, list.length, ...(this.#covered.has(address) ? [this.#tls] : []));
  }
}
