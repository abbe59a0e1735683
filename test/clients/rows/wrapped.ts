// What takes other programs through the proxy: by a library in front of the system's, or as a server of its own.
import { fetches, type Client } from '../client.ts';
import { OPEN_PROXY, PORTS, WEB, type Proxy } from '../place.ts';

const CURL = 'curl -sS --globoff';

export const WRAPPED: readonly Client[] = [
  {
    name: 'proxychains4',
    needs: { apt: ['proxychains4', 'curl'] },
    checks: fetches((url, { host, port, login }) => ({
      files: {
        'proxychains.conf': `strict_chain\nproxy_dns\n[ProxyList]\nsocks5 ${host} ${port}${words(login)}\n`,
      },
      line: `proxychains4 -q -f proxychains.conf ${CURL} ${url}`,
    })),
  },
  {
    name: 'torsocks',
    needs: { apt: ['torsocks', 'curl'] },
    checks: fetches(
      (url, { host, port, login }) => ({
        files: {
          'torsocks.conf': `TorAddress ${host}\nTorPort ${port}\n${
            login === undefined ? '' : `SOCKS5Username ${login.user}\nSOCKS5Password ${login.password}\n`
          }`,
        },
        line: `TORSOCKS_CONF_FILE=torsocks.conf torsocks ${CURL} ${url}`,
      }),
      ['name', 'address', 'login'],
    ),
    notes: [
      'It denies IPv6. Names need `resolve-commands` in picosocks5.conf: torsocks asks with the RESOLVE of Tor.',
    ],
  },
  {
    name: 'tsocks',
    needs: { apt: ['tsocks', 'curl'] },
    checks: fetches(tsocks, ['address', 'login']),
    notes: ['Names are looked up by the client.'],
  },
  {
    name: 'socksify (Dante)',
    needs: { apt: ['dante-client', 'curl', 'lftp', 'netcat-openbsd', 'python3-pyftpdlib'] },
    checks: {
      ...fetches(
        (url, proxy) => ({
          files: { 'socks.conf': danteConfiguration(proxy) },
          line: `${danteLogin(proxy)}SOCKS_CONF=socks.conf socksify ${CURL} ${url}`,
        }),
        ['name', 'address', 'login'],
      ),
      udp: {
        files: { 'socks.conf': danteConfiguration(OPEN_PROXY) },
        line: `echo hello | SOCKS_CONF=socks.conf socksify nc -u -w 2 ${WEB.ipv4} ${PORTS.greeter}`,
      },
      bind: {
        server: {
          line: `mkdir -p ftp/hello && /usr/bin/python3 -m pyftpdlib -i ${WEB.ipv4} -p ${PORTS.ftp} -d ftp`,
          ready: `nc -z ${WEB.ipv4} ${PORTS.ftp}`,
        },
        files: { 'socks.conf': danteConfiguration(OPEN_PROXY) },
        line: `SOCKS_CONF=socks.conf socksify lftp -e 'set ftp:passive-mode no; set net:max-retries 1; ls; quit' ${WEB.ipv4}`,
        shows: /^d.* hello$/m,
      },
    },
    notes: ['UDP with `nc -u`; BIND with the active FTP of lftp. Its library lets IPv6 go straight.'],
  },
  {
    name: 'privoxy',
    needs: { apt: ['privoxy', 'wget'] },
    checks: fetches((url, { userinfo, at }) => ({
      files: {
        config: `listen-address 127.0.0.1:8118\nforward-socks5 / ${userinfo}${at} .\ndebug 4096\nconfdir .\nlogdir .\n`,
      },
      service: { line: 'privoxy --no-daemon config', ready: 'nc -z 127.0.0.1 8118' },
      line: `http_proxy=http://127.0.0.1:8118 wget -qO- ${url}`,
    })),
    notes: ['Takes what speaks HTTP proxies only, such as wget, to SOCKS5.'],
  },
  {
    name: 'redsocks',
    needs: { apt: ['redsocks', 'iptables', 'curl'] },
    checks: fetches(redsocks, ['address', 'login']),
    notes: ['Programs know nothing of it, and look names up themselves.'],
  },
  {
    name: 'haproxy (socks4)',
    needs: { apt: ['haproxy', 'curl'] },
    checks: { address: haproxy(WEB.ipv4) },
    notes: ['SOCKS4 to one server, at an IPv4 address.'],
  },
];

function words(login: Proxy['login']): string {
  return login === undefined ? '' : ` ${login.user} ${login.password}`;
}

function tsocks(url: string, { host, port, login }: Proxy) {
  return {
    files: {
      'tsocks.conf': `local = 192.0.2.0/255.255.255.0\nserver = ${host}\nserver_port = ${port}\nserver_type = 5\n${
        login === undefined ? '' : `default_user = ${login.user}\ndefault_pass = ${login.password}\n`
      }`,
    },
    line: `TSOCKS_CONF_FILE=$PWD/tsocks.conf tsocks ${CURL} ${url}`,
  };
}

function danteConfiguration({ host, port }: Proxy): string {
  const routes = ['.', '0.0.0.0/0'].map(
    (to) => `route { from: 0.0.0.0/0 to: ${to} via: ${host} port = ${port} proxyprotocol: socks_v5 }\n`,
  );
  return `resolveprotocol: fake\n${routes.join('')}`;
}

function danteLogin({ login }: Proxy): string {
  return login === undefined ? '' : `SOCKS_USERNAME=${login.user} SOCKS_PASSWORD=${login.password} `;
}

/** The kernel hands over what leaves for a route; the host of the client gets one for the time of the check. */
function redsocks(url: string, { host, port, login }: Proxy) {
  const auth = login === undefined ? '' : ` login = "${login.user}"; password = "${login.password}";`;
  return {
    files: {
      'redsocks.conf': `base { log = stderr; daemon = off; redirector = iptables; }
redsocks { local_ip = 127.0.0.1; local_port = 12345; ip = ${host}; port = ${port}; type = socks5;${auth} }
`,
    },
    service: { line: 'redsocks -c redsocks.conf', ready: 'nc -z 127.0.0.1 12345' },
    line: [
      `ip route replace default via ${OPEN_PROXY.host}`,
      'iptables -t nat -A OUTPUT -p tcp ! -d 192.0.2.0/24 -j REDIRECT --to-ports 12345',
      `${CURL} ${url}`,
      'iptables -t nat -F; ip route delete default',
    ].join('\n'),
  };
}

function haproxy(target: string) {
  return {
    files: {
      'haproxy.cfg': `defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen web
  bind 127.0.0.1:8080
  server web ${target}:80 socks4 ${OPEN_PROXY.at}
`,
    },
    service: { line: 'haproxy -db -f haproxy.cfg', ready: 'nc -z 127.0.0.1 8080' },
    line: `${CURL} http://127.0.0.1:8080/`,
  };
}
