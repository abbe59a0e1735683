// What a row of the matrix is: a program that people use, and what is typed to take it through the proxy.
import { LOGIN_PROXY, OPEN_PROXY, WEB, type Proxy } from './place.ts';

/** What a client may be able to do through the proxy: the columns of the matrix. */
export const ABILITIES = ['name', 'address', 'ipv6', 'login', 'udp', 'bind'] as const;
export type Ability = (typeof ABILITIES)[number];

export interface Check {
  /** What is typed, in a shell, in a folder that holds the files. */
  readonly line: string;
  /** Files by name, beside those of the client. */
  readonly files?: Readonly<Record<string, string>>;
  /** Started on the servers' host, in the same folder. */
  readonly server?: Service;
  /** Started first; it is ended when the check is over. */
  readonly service?: Service;
  /** The line looks whether the service works, and is nothing to be typed. */
  readonly isProbe?: boolean;
  /** What stands in the output when it has worked; GREETING where absent. */
  readonly shows?: RegExp;
  /** What a daemon has to log besides. */
  readonly logs?: RegExp;
}

/** A program in the background. */
export interface Service {
  readonly line: string;
  /** Ready when a line of this shell, tried again and again, succeeds. */
  readonly ready: string;
}

export interface Client {
  readonly name: string;
  readonly needs: Packages;
  /** Files by name: what its documentation shows beside the lines. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files that are copied from test/clients/programs. */
  readonly programs?: readonly string[];
  /** Typed before each check, of no interest to anybody else. */
  readonly setUp?: string;
  /** An ability that is absent is one that the client does not offer. */
  readonly checks: Readonly<Partial<Record<Ability, Check>>>;
  /** Sentences for docs/clients.md. */
  readonly notes?: readonly string[];
  /** Time for each check; 20 seconds where absent. */
  readonly seconds?: number;
}

interface Packages {
  /** Of Debian. */
  readonly apt?: readonly string[];
  /** Of npm, `name@version`. */
  readonly npm?: readonly string[];
}

/** What the servers send to whoever reaches them over TCP. */
export const GREETING = /hello through the proxy/;

/** One way to fetch a page: what is typed for a URL and a proxy. */
export type Fetch = (url: string, proxy: Proxy) => Check;

type Checks = Client['checks'];

/** What a client over TCP may offer, and the most that the two functions below check. */
type TcpAbility = 'name' | 'address' | 'ipv6' | 'login';
const TCP_ABILITIES: readonly TcpAbility[] = ['name', 'address', 'ipv6', 'login'];

/** The checks of a client that fetches pages. */
export function fetches(fetch: Fetch, offered = TCP_ABILITIES): Checks {
  // Who cannot hand names over logs in for an address.
  const page = offered.includes('name') ? WEB.name : WEB.ipv4;
  const checks = {
    name: fetch(`http://${WEB.name}/`, OPEN_PROXY),
    address: fetch(`http://${WEB.ipv4}/`, OPEN_PROXY),
    ipv6: fetch(`http://[${WEB.ipv6}]/`, OPEN_PROXY),
    login: fetch(`http://${page}/`, LOGIN_PROXY),
  };
  return Object.fromEntries(offered.map((ability) => [ability, checks[ability]]));
}

/** The checks of a client that connects to a host and port, and passes on what is typed. */
export function connects(connect: (host: string, proxy: Proxy) => Check, offered = TCP_ABILITIES): Checks {
  const checks = {
    name: connect(WEB.name, OPEN_PROXY),
    address: connect(WEB.ipv4, OPEN_PROXY),
    ipv6: connect(WEB.ipv6, OPEN_PROXY),
    login: connect(WEB.name, LOGIN_PROXY),
  };
  return Object.fromEntries(offered.map((ability) => [ability, checks[ability]]));
}

/** A request to a web server, for clients that pass on their standard input. */
export const REQUEST = String.raw`printf 'GET / HTTP/1.0\r\n\r\n'`;
