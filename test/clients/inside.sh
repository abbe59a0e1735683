#!/bin/sh
# Inside of the world of run.sh: installs what is missing, then tries the clients. Arguments: the folder of the project, parts of names.
set -eu
cd "$1"
shift
modules=$PWD/.cache/clients/npm/node_modules

# Packages must not start their services.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d

packages=$(node --import=./scripts/typescript.js test/clients/main.ts --missing "$modules" "$@")
for kind in apt npm; do
	names=$(printf '%s\n' "$packages" | sed -n "s/^$kind //p")
	[ -n "$names" ] || continue
	echo "installing into .cache/clients: $(echo "$names" | tr '\n' ' ')"
	log=.cache/clients/$kind.log
	# What cannot be installed is told by its row; the others go on.
	if [ "$kind" = apt ]; then
		# shellcheck disable=SC2086 # names
		{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $names; } >"$log" 2>&1 ||
			for name in $names; do
				DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$name" >>"$log" 2>&1 || true
			done
	else
		# shellcheck disable=SC2086 # names
		npm --prefix .cache/clients/npm --no-audit --no-fund install $names >"$log" 2>&1 || tail -n 20 "$log"
	fi
done

exec node --import=./scripts/typescript.js test/clients/main.ts "$modules" "$@"
