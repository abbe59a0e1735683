// Programs that speak HTTP with the proxy: in clear by requests for URLs, over TLS by CONNECT. Each check fetches the page both ways.
import type { Ability, Check, Client } from '../client.ts';
import { LOGIN_PROXY, OPEN_PROXY, WEB, type Proxy } from '../place.ts';

/** The lines to type for the two URLs of one host. */
type FetchBoth = (urls: readonly [clear: string, secure: string], proxy: Proxy) => Check;

/** Once for each URL. */
const BOTH = /(?:hello through the proxy[^]*){2}/;

function fetchesBoth(fetch: FetchBoth): Client['checks'] {
  const check = (host: string, proxy: Proxy): Check => ({
    shows: BOTH,
    ...fetch([`http://${host}/`, `https://${host}/`], proxy),
  });
  return {
    name: check(WEB.name, OPEN_PROXY),
    address: check(WEB.ipv4, OPEN_PROXY),
    ipv6: check(`[${WEB.ipv6}]`, OPEN_PROXY),
    login: check(WEB.name, LOGIN_PROXY),
  };
}

/** Of the checks of one client, those that it offers. */
function only(checks: Client['checks'], ...offered: readonly Ability[]): Client['checks'] {
  return Object.fromEntries(offered.map((ability) => [ability, checks[ability]]));
}

const url = ({ userinfo, at }: Proxy): string => `http://${userinfo}${at}`;

/** For programs that take the proxy from the environment. */
const inEnvironment =
  (program: string): FetchBoth =>
  ([clear, secure], proxy) => ({
    line: [
      `export http_proxy=${url(proxy)} https_proxy=${url(proxy)}`,
      `${program} ${clear}`,
      `${program} ${secure}`,
    ].join('\n'),
  });

/** Java has its own store of authorities. */
const TRUST =
  'keytool -importcert -noprompt -alias t -file "$HOME/ca.pem" -keystore trust -storetype jks -storepass changeit';

const java: FetchBoth = ([clear, secure], { host, port, login }) => {
  const proxy = ['http', 'https'].map((each) => `-D${each}.proxyHost=${host} -D${each}.proxyPort=${port}`);
  const tunnels = '-Djdk.http.auth.tunneling.disabledSchemes=';
  const words = login === undefined ? '' : ` ${tunnels} -Dlogin=${login.user} -Dpassword=${login.password}`;
  const program = `java ${proxy.join(' ')}${words} -Djavax.net.ssl.trustStore=trust Fetch.java`;
  return { line: `${program} ${clear}\n${program} ${secure}` };
};

const npm: FetchBoth = ([clear, secure], proxy) => {
  const view = (origin: string) =>
    `npm --proxy ${url(proxy)} --https-proxy ${url(proxy)} --registry ${origin}registry/ view hello description`;
  return { line: `${view(clear)}\n${view(secure)}` };
};

const javaClient: FetchBoth = (urls, { host, port, login }) => {
  const words = login === undefined ? '' : ` ${login.user} ${login.password}`;
  const options = '-Djdk.http.auth.tunneling.disabledSchemes= -Djavax.net.ssl.trustStore=trust';
  return { line: `java ${options} Client.java ${host} ${port}${words} ${urls.join(' ')}` };
};

export const HTTP: readonly Client[] = [
  {
    name: 'curl, HTTP',
    needs: { apt: ['curl'] },
    checks: fetchesBoth((urls, proxy) => ({
      line: `curl -sS --globoff --proxy ${url(proxy)} ${urls.join(' ')}`,
    })),
  },
  { name: 'wget', needs: { apt: ['wget'] }, checks: fetchesBoth(inEnvironment('wget -qO-')) },
  {
    name: 'git, HTTP',
    needs: { apt: ['git'] },
    checks: fetchesBoth(([clear, secure], proxy) => ({
      line: [
        `git config --file proxy http.proxy ${url(proxy)}`,
        `GIT_CONFIG_GLOBAL=proxy git clone ${clear}repository.git`,
        `GIT_CONFIG_GLOBAL=proxy git clone ${secure}repository.git another`,
        'for each in repository another; do git -C $each log -1 --format=%s; done',
      ].join('\n'),
    })),
    notes: ['It asks without the login first, and again on the same connection.'],
  },
  {
    name: 'apt, HTTP',
    needs: { apt: ['apt'] },
    setUp: 'echo "Acquire::https::CAInfo \\"$HOME/ca.pem\\";" >>apt.conf',
    checks: fetchesBoth(([clear, secure], proxy) => ({
      files: { 'apt.conf': `Acquire::http::Proxy "${url(proxy)}";\n` },
      line: [clear, secure]
        .map(
          (each) =>
            `APT_CONFIG=apt.conf /usr/lib/apt/apt-helper download-file ${each} page; cat page; rm page`,
        )
        .join('\n'),
    })),
    notes: ['For all that apt does: that line in `/etc/apt/apt.conf.d/80proxy`. It holds for `https`, too.'],
  },
  {
    name: 'npm, HTTP',
    needs: {},
    checks: only(fetchesBoth(npm), 'name', 'login'),
    notes: [
      'npm comes with Node.js. For good: `npm config set proxy ...` and `npm config set https-proxy ...`. Over TLS it takes no address.',
    ],
    seconds: 60,
  },
  {
    name: 'Python, urllib',
    needs: { apt: ['python3'] },
    programs: ['urllib_fetch.py'],
    checks: fetchesBoth(inEnvironment('/usr/bin/python3 urllib_fetch.py')),
  },
  {
    name: 'Go, net/http, HTTP',
    needs: { apt: ['golang-go'] },
    programs: ['fetch.go'],
    checks: fetchesBoth(inEnvironment('go run fetch.go')),
    seconds: 90,
  },
  {
    name: 'Java, HTTP',
    needs: { apt: ['default-jdk-headless'] },
    programs: ['Fetch.java'],
    setUp: TRUST,
    checks: fetchesBoth(java),
    notes: [
      'Java sends no password with CONNECT, that is to `https`, unless `jdk.http.auth.tunneling.disabledSchemes` is empty.',
      'The trust store is for the test.',
    ],
    seconds: 60,
  },
  {
    name: 'Java, HttpClient',
    needs: { apt: ['default-jdk-headless'] },
    programs: ['Client.java'],
    setUp: TRUST,
    checks: only(fetchesBoth(javaClient), 'name', 'address', 'login'),
    notes: ['The trust store is for the test. Over TLS Java 17 takes no IPv6 address.'],
    seconds: 60,
  },
];
