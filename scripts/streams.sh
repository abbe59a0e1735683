#!/bin/sh
# End-to-end tests over Node's streams instead of the engine. "scripts/streams.sh all": every one that a transport has a part in.
set -u
cd "$(dirname "$0")/.." || exit 1

PICOSOCKS5_TEST_TRANSPORT=streams
export PICOSOCKS5_TEST_TRANSPORT

if [ "${1-}" = all ]; then
	# Not those that take each transport themselves, nor those about what no transport has a part in: logins, names, the log, other
	# programs' command lines, what a program does before it serves.
	set -- 'test/e2e/*.test.ts' \
		'!test/e2e/{activeftp,attack-strangers,inetd,interface,linklocal,pressure,recheck,reset,sessionheap,standing}.test.ts' \
		'!test/e2e/{attack-hashqueue,attack-logins,chap,doors,flood,passwords}.test.ts' \
		'!test/e2e/{attack-gssapi,attack-sources,attack-tickets,loginldap,loginpam,loginprograms,loginradius,loginsetups,loginusers}.test.ts' \
		'!test/e2e/{attack-lookups,attack-own,nat64,search}.test.ts' \
		'!test/e2e/{metrics,page,tlsreload}.test.ts' \
		'!test/e2e/{attack-log,attack-traces,fail2ban,supervision,syslog}.test.ts' \
		'!test/e2e/{attack-paths,attack-takeover,cprogram,dropin,healthcheck,srelay}.test.ts' \
		'!test/e2e/{check,convert,explain,folder,install,oldnode,output,rest}.test.ts'
else
	# Each command, layer and bound where streams have code of their own.
	set -- 'test/e2e/{activation,associate,attack-connect,attack-datagrams,attack-slow,bind,bulk,guard,http,limits,process}.test.ts' \
		'test/e2e/{quota,relay,reload,routes,socks4,source,takeover,tls,unix,workers}.test.ts'
fi
exec node scripts/ava.js "$@"
