// Libraries of programming languages, each with a small program in test/clients/programs.
import { connects, fetches, type Client } from '../client.ts';
import { EITHER_PROXY, LOGIN_PROXY, OPEN_PROXY, WEB, type Proxy } from '../place.ts';

const PYTHON = '/usr/bin/python3';
const NODE = 'node';

const url = (scheme: string, { userinfo, at }: Proxy) => `${scheme}://${userinfo}${at}`;
const words = ({ login }: Proxy) => (login === undefined ? '' : ` ${login.user} ${login.password}`);

const PAGE = `http://${WEB.name}/`;
const NO_LOGIN: Proxy = { ...LOGIN_PROXY, login: undefined };

function java(page: string, { host, port, login }: Proxy): string {
  const words = login === undefined ? '' : ` -Dlogin=${login.user} -Dpassword=${login.password}`;
  return `java -DsocksProxyHost=${host} -DsocksProxyPort=${port}${words} Fetch.java ${page}`;
}

export const LANGUAGES: readonly Client[] = [
  {
    name: 'PySocks, requests',
    needs: { apt: ['python3-socks', 'python3-requests'] },
    programs: ['pysocks.py', 'pysocks_udp.py'],
    checks: {
      ...fetches((page, proxy) => ({ line: `${PYTHON} pysocks.py ${page} ${url('socks5h', proxy)}` })),
      udp: { line: `${PYTHON} pysocks_udp.py` },
    },
  },
  {
    name: 'aiohttp-socks',
    needs: { apt: ['python3-aiohttp-socks'] },
    programs: ['aiohttp_fetch.py'],
    checks: fetches((page, proxy) => ({
      line: `${PYTHON} aiohttp_fetch.py ${page} ${url('socks5', proxy)}`,
    })),
  },
  {
    name: 'Go, net/http',
    needs: { apt: ['golang-go'] },
    programs: ['fetch.go'],
    checks: fetches((page, proxy) => ({
      line: `HTTP_PROXY=${url('socks5', proxy)} go run fetch.go ${page}`,
    })),
    seconds: 90,
  },
  {
    name: 'Go, x/net/proxy',
    needs: { apt: ['golang-go', 'golang-golang-x-net-dev'] },
    programs: ['xnet.go'],
    notes: ['With the package of Debian: `GO111MODULE=off GOPATH=/usr/share/gocode`.'],
    checks: fetches((page, proxy) => ({
      line: `ALL_PROXY=${url('socks5', proxy)} go run xnet.go ${page}`,
    })),
    seconds: 90,
  },
  {
    name: 'Java',
    needs: { apt: ['default-jdk-headless'] },
    programs: ['Fetch.java'],
    checks: fetches((page, proxy) => ({ line: java(page, proxy) })),
    seconds: 40,
  },
  {
    name: 'Java, no password set',
    needs: { apt: ['default-jdk-headless'] },
    programs: ['Fetch.java'],
    notes: [
      'Java offers both, to log in and not to, and where the server has users it sends the name of the account that it runs as, with ' +
        'an empty password.',
      `\`${EITHER_PROXY.at}\` has users and \`anonymous = yes\`, and lets it in unnamed. A proxy without \`anonymous\` refuses`,
      'it (`LOGIN_EMPTY`), and bans nobody for it, so a login goes through afterwards.',
    ],
    checks: {
      ...fetches((page) => ({ line: java(page, EITHER_PROXY) }), ['name', 'address', 'ipv6']),
      login: {
        line: `${java(PAGE, NO_LOGIN)} || ${java(PAGE, NO_LOGIN)} || ${java(PAGE, NO_LOGIN)} || ${java(PAGE, LOGIN_PROXY)}`,
        isProbe: true,
        // More refusals than guesses are allowed.
        shows: /(?:authentication failed[^]*){3}hello through the proxy/,
        logs: /why=LOGIN_EMPTY/,
      },
    },
    seconds: 90,
  },
  {
    name: 'Perl, IO::Socket::Socks',
    needs: { apt: ['libio-socket-socks-perl'] },
    programs: ['connect.pl', 'bind.pl', 'udp.pl'],
    checks: {
      ...connects((host, proxy) => ({ line: `perl connect.pl ${host} ${proxy.host}${words(proxy)}` })),
      udp: { line: `perl udp.pl ${WEB.ipv4} ${OPEN_PROXY.host}` },
      bind: { line: `perl bind.pl ${WEB.ipv4} ${OPEN_PROXY.host}` },
    },
  },
  {
    name: 'Ruby, socksify',
    needs: { apt: ['ruby-socksify'] },
    programs: ['connect.rb'],
    checks: connects(
      (host, proxy) => ({ line: `ruby connect.rb ${host} ${proxy.host}${words(proxy)}` }),
      ['name', 'address', 'login'],
    ),
  },
  {
    name: 'PHP, curl',
    needs: { apt: ['php-cli', 'php-curl'] },
    programs: ['fetch.php'],
    checks: fetches((page, proxy) => ({ line: `php fetch.php ${page} ${url('socks5h', proxy)}` })),
  },
  {
    name: 'socks (npm)',
    needs: { npm: ['socks@2'] },
    programs: ['socks.cjs'],
    checks: {
      ...connects((host, proxy) => ({
        line: `${NODE} socks.cjs connect ${host} ${proxy.host}${words(proxy)}`,
      })),
      udp: { line: `${NODE} socks.cjs associate ${WEB.ipv4} ${OPEN_PROXY.host}` },
      bind: { line: `${NODE} socks.cjs bind ${WEB.ipv4} ${OPEN_PROXY.host}` },
    },
  },
  {
    name: 'socks-proxy-agent (npm)',
    needs: { npm: ['socks-proxy-agent@8'] },
    programs: ['agent.cjs'],
    checks: fetches((page, proxy) => ({ line: `${NODE} agent.cjs ${page} ${url('socks5h', proxy)}` })),
  },
  {
    name: 'fetch-socks (npm)',
    needs: { npm: ['fetch-socks@1', 'undici@7'] },
    programs: ['fetch-socks.cjs'],
    checks: fetches((page, proxy) => ({
      line: `${NODE} fetch-socks.cjs ${page} ${proxy.host}${words(proxy)}`,
    })),
  },
  {
    name: 'undici (npm)',
    needs: { npm: ['undici@7'] },
    programs: ['undici.cjs'],
    checks: fetches((page, proxy) => ({ line: `${NODE} undici.cjs ${page} ${url('socks5', proxy)}` })),
  },
];
