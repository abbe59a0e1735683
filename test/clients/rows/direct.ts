// Programs that speak SOCKS themselves.
import { connects, fetches, REQUEST, type Client } from '../client.ts';
import { LOGIN_PROXY, OPEN_PROXY, WEB, type Proxy } from '../place.ts';

const SSH_SERVER = {
  line: [
    'ssh-keygen -q -t ed25519 -N "" -f host && ssh-keygen -q -t ed25519 -N "" -f key && mkdir -p /run/sshd',
    'exec /usr/sbin/sshd -D -e -f none -h "$PWD/host" -o AuthorizedKeysFile="$PWD/key.pub" -o StrictModes=no -o PidFile=none',
  ].join('\n'),
  ready: `nc -z ${WEB.ipv4} 22`,
};

const ssh = (proxyCommand: string, host: string) => ({
  server: SSH_SERVER,
  line: `ssh -i key -o StrictHostKeyChecking=no -o UserKnownHostsFile=hosts -o ProxyCommand='${proxyCommand}' root@${host} echo hello through the proxy`,
});
const throughNc = `nc -X 5 -x ${OPEN_PROXY.at} %h %p`;

export const DIRECT: readonly Client[] = [
  {
    name: 'curl',
    needs: { apt: ['curl'] },
    checks: fetches((url, { userinfo, at }) => ({
      line: `curl -sS --globoff --proxy socks5h://${userinfo}${at} ${url}`,
    })),
  },
  {
    name: 'nc (OpenBSD)',
    needs: { apt: ['netcat-openbsd'] },
    checks: connects(
      (host, { at }) => ({ line: `${REQUEST} | nc -N -X 5 -x ${at} ${host} 80` }),
      ['name', 'address', 'ipv6'],
    ),
    notes: ['`-P user` is for HTTP proxies only.'],
  },
  {
    name: 'ncat',
    needs: { apt: ['ncat'] },
    checks: connects((host, { at, login }) => ({
      line: `${REQUEST} | ncat --proxy-type socks5 --proxy ${at} --proxy-dns remote${
        login === undefined ? '' : ` --proxy-auth ${login.user}:${login.password}`
      } ${host} 80`,
    })),
  },
  {
    name: 'socat',
    needs: { apt: ['socat'] },
    checks: {
      name: socat(WEB.name),
      address: socat(WEB.ipv4),
      ipv6: socat(`[${WEB.ipv6}]`),
    },
    notes: ['SOCKS4a; a login comes with SOCKS5 in version 1.8.'],
  },
  {
    name: 'ssh',
    needs: { apt: ['openssh-client', 'openssh-server', 'netcat-openbsd', 'ncat'] },
    checks: {
      name: ssh(throughNc, WEB.name),
      address: ssh(throughNc, WEB.ipv4),
      ipv6: ssh(throughNc, WEB.ipv6),
      login: ssh(
        `ncat --proxy-type socks5 --proxy ${LOGIN_PROXY.at} --proxy-dns remote --proxy-auth alice:secret %h %p`,
        WEB.name,
      ),
    },
  },
  {
    name: 'git',
    needs: { apt: ['git'] },
    checks: fetches((url, { userinfo, at }) => ({
      line: [
        `git config --file proxy http.proxy socks5h://${userinfo}${at}`,
        `GIT_CONFIG_GLOBAL=proxy git clone ${url}repository.git`,
        'git -C repository log -1 --format=%s',
      ].join('\n'),
    })),
    notes: ['For all of them: `git config --global http.proxy socks5h://...`.'],
  },
  {
    name: 'apt',
    needs: { apt: ['apt'] },
    checks: fetches(apt),
    notes: ['For all that apt does: that line in `/etc/apt/apt.conf.d/80proxy`, and one with `https`.'],
  },
];

function socat(host: string): { line: string } {
  return { line: `${REQUEST} | socat - SOCKS4A:${OPEN_PROXY.host}:${host}:80,socksport=${OPEN_PROXY.port}` };
}

/** It fetches as apt-get does, and leaves lists and packages alone. */
function apt(url: string, { userinfo, at }: Proxy) {
  return {
    files: { 'apt.conf': `Acquire::http::Proxy "socks5h://${userinfo}${at}";\n` },
    line: `APT_CONFIG=apt.conf /usr/lib/apt/apt-helper download-file ${url} page; cat page`,
  };
}
