# bash completion of picosocks5, pis5ctl, pis5user; written by "make render".

_picosocks5() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word last='' operation=''
	# bash takes --option=value for three words.
	[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}=
	[[ $cur == = ]] && cur='' && prev=$prev=
	COMPREPLY=()
	case $prev in
	--config | --config= | -c | -c= | --tls-cert | --tls-cert= | --tls-key | --tls-key= | --tls-client-ca | --tls-client-ca= | --auth | --auth= | -a | -a= | --ldap-password-file | --ldap-password-file= | --ldap-ca | --ldap-ca= | --gssapi-keytab | --gssapi-keytab= | --pac | --pac= | --routes | --routes= | --proxy-auth | --proxy-auth= | --proxy-ca | --proxy-ca= | --pidfile | --pidfile= | --control | --control= | --state | --state= | --fleet-auth | --fleet-auth= | --fleet-ca | --fleet-ca=) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	--as | --as=) mapfile -t COMPREPLY < <(compgen -W 'microsocks osocks simplesocks5 srelay' -- "$cur"); return ;;
	--explain | --explain= | --listen | --listen= | --proxy-protocol | --proxy-protocol= | --ready | --ready= | --whitelist | --whitelist= | --auth-timeout | --auth-timeout= | --auth-cache | --auth-cache= | --helper-children | --helper-children= | --helper-concurrency | --helper-concurrency= | --saslauthd-service | --saslauthd-service= | --saslauthd-realm | --saslauthd-realm= | --ldap-base | --ldap-base= | --ldap-user-filter | --ldap-user-filter= | --ldap-group | --ldap-group= | --ldap-bind | --ldap-bind= | --gssapi-realm | --gssapi-realm= | --gssapi-user | --gssapi-user= | --network | --network= | --request | --request= | --recheck | --recheck= | --nat64-prefix | --nat64-prefix= | --6rd-prefix | --6rd-prefix= | --tcp-wrappers-name | --tcp-wrappers-name= | --ban-after | --ban-after= | --ban-window | --ban-window= | --ban-time | --ban-time= | --ban-longest | --ban-longest= | --ban-allow | --ban-allow= | --tarpit | --tarpit= | --maxconn | --maxconn= | --limit | --limit= | --stalled-memory | --stalled-memory= | --handshake-timeout | --handshake-timeout= | --connect-timeout | --connect-timeout= | --idle-timeout | --idle-timeout= | --timeout | --timeout= | --half-closed-timeout | --half-closed-timeout= | --drain | --drain= | --source | --source= | --resolver | --resolver= | --bind | --bind= | -B | -B= | --bind-ports | --bind-ports= | --bind-timeout | --bind-timeout= | --public-address | --public-address= | --route | --route= | --udp-ports | --udp-ports= | --udp-idle-timeout | --udp-idle-timeout= | --udp-peers | --udp-peers= | --udp-peers-total | --udp-peers-total= | --udp-packets-per-second | --udp-packets-per-second= | --udp-unanswered | --udp-unanswered= | --udp-reply-ratio | --udp-reply-ratio= | --relay-threads | --relay-threads= | --keepalive | --keepalive= | --device | --device= | --mark | --mark= | --tos | --tos= | --workers | --workers= | --fleet | --fleet= | --fleet-name | --fleet-name= | --fleet-store | --fleet-store= | --fleet-zone | --fleet-zone= | --config-version | --config-version= | --syslog | --syslog= | --metrics | --metrics= | --page | --page= | --accounting | --accounting= | --accounting-interval | --accounting-interval= | --auth-once=) return ;;
	--convert | --convert=) mapfile -t COMPREPLY < <(compgen -W 'danted' -- "$cur"); return ;;
	--proxy-user | --proxy-user=) mapfile -t COMPREPLY < <(compgen -W 'none cn' -- "$cur"); return ;;
	--tls-min | --tls-min=) mapfile -t COMPREPLY < <(compgen -W '1.2 1.3' -- "$cur"); return ;;
	--tls-client | --tls-client=) mapfile -t COMPREPLY < <(compgen -W 'no ask require' -- "$cur"); return ;;
	--tls-user | --tls-user=) mapfile -t COMPREPLY < <(compgen -W 'none cn san-email san-uri' -- "$cur"); return ;;
	--method-order | --method-order=) mapfile -t COMPREPLY < <(compgen -W 'server client' -- "$cur"); return ;;
	--helper-as | --helper-as= | --user | --user= | -u | -u=) mapfile -t COMPREPLY < <(compgen -u -- "$cur"); return ;;
	--gssapi-protection | --gssapi-protection=) mapfile -t COMPREPLY < <(compgen -W 'offer none integrity confidentiality' -- "$cur"); return ;;
	--family | --family=) mapfile -t COMPREPLY < <(compgen -W 'any 4 6 prefer-4 prefer-6' -- "$cur"); return ;;
	--transport | --transport=) mapfile -t COMPREPLY < <(compgen -W 'auto engine streams' -- "$cur"); return ;;
	--group | --group= | -g | -g=) mapfile -t COMPREPLY < <(compgen -g -- "$cur"); return ;;
	--chroot | --chroot=) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	--confine | --confine=) mapfile -t COMPREPLY < <(compgen -W 'auto yes no' -- "$cur"); return ;;
	--fleet-alone | --fleet-alone=) mapfile -t COMPREPLY < <(compgen -W 'full divided' -- "$cur"); return ;;
	--logmode | --logmode= | -L | -L=) mapfile -t COMPREPLY < <(compgen -W 'syslog stderr combined' -- "$cur"); return ;;
	--loglevel | --loglevel= | -v | -v=) mapfile -t COMPREPLY < <(compgen -W 'err warn notice info debug none' -- "$cur"); return ;;
	--log-format | --log-format=) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$cur"); return ;;
	--accounting-format | --accounting-format=) mapfile -t COMPREPLY < <(compgen -W 'json csv' -- "$cur"); return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--config -c --as --check --print-config --explain --convert --healthcheck --help -h --version -V --listen --proxy-protocol --proxy-user --ready --tls-cert --tls-key --tls-min --tls-client-ca --tls-client --tls-user --auth -a --anonymous -A --unix-user --whitelist --auth-once --method-order --allow-plaintext --auth-fallback --auth-timeout --auth-cache --helper-children --helper-concurrency --helper-as --saslauthd-service --saslauthd-realm --ldap-base --ldap-user-filter --ldap-group --ldap-bind --ldap-password-file --ldap-starttls --ldap-ca --gssapi-keytab --gssapi-protection --gssapi-realm --gssapi-user --network --request --recheck --nat64-prefix --6rd-prefix --resolve-commands --tcp-wrappers --tcp-wrappers-name --http --pac --ban-after --ban-window --ban-time --ban-longest --ban-allow --tarpit --maxconn --limit --stalled-memory --handshake-timeout --connect-timeout --idle-timeout --timeout --half-closed-timeout --drain --source --family --resolver --bind -B --bind-ports --bind-timeout --public-address --routes --route --proxy-auth --proxy-ca --udp-ports --udp-idle-timeout --udp-peers --udp-peers-total --udp-packets-per-second --udp-unanswered --udp-reply-ratio --transport --relay-threads --keepalive --device --mark --tos --fast-open --freebind --user -u --group -g --chroot --confine --workers --nofork --inetd --pidfile --control --takeover --state --fleet --fleet-name --fleet-store --fleet-auth --fleet-ca --fleet-alone --fleet-zone --config-version --logmode -L --loglevel -v --log-format --log-names --syslog --metrics --page --accounting --accounting-format --accounting-interval' -- "$cur")
		return
	fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		=) continue ;;
		-*) last=$word && continue ;;
		esac
		case $last in
		--config | -c | --as | --explain | --convert | --listen | --proxy-protocol | --proxy-user | --ready | --tls-cert | --tls-key | --tls-min | --tls-client-ca | --tls-client | --tls-user | --auth | -a | --whitelist | --method-order | --auth-timeout | --auth-cache | --helper-children | --helper-concurrency | --helper-as | --saslauthd-service | --saslauthd-realm | --ldap-base | --ldap-user-filter | --ldap-group | --ldap-bind | --ldap-password-file | --ldap-ca | --gssapi-keytab | --gssapi-protection | --gssapi-realm | --gssapi-user | --network | --request | --recheck | --nat64-prefix | --6rd-prefix | --tcp-wrappers-name | --pac | --ban-after | --ban-window | --ban-time | --ban-longest | --ban-allow | --tarpit | --maxconn | --limit | --stalled-memory | --handshake-timeout | --connect-timeout | --idle-timeout | --timeout | --half-closed-timeout | --drain | --source | --family | --resolver | --bind | -B | --bind-ports | --bind-timeout | --public-address | --routes | --route | --proxy-auth | --proxy-ca | --udp-ports | --udp-idle-timeout | --udp-peers | --udp-peers-total | --udp-packets-per-second | --udp-unanswered | --udp-reply-ratio | --transport | --relay-threads | --keepalive | --device | --mark | --tos | --user | -u | --group | -g | --chroot | --confine | --workers | --pidfile | --control | --state | --fleet | --fleet-name | --fleet-store | --fleet-auth | --fleet-ca | --fleet-alone | --fleet-zone | --config-version | --logmode | -L | --loglevel | -v | --log-format | --syslog | --metrics | --page | --accounting | --accounting-format | --accounting-interval) last='' ;;
		*) operation=$word && break ;;
		esac
	done
	case $operation in
	'') mapfile -t COMPREPLY < <(compgen -W 'healthcheck' -- "$cur") ;;
	esac
}
complete -F _picosocks5 picosocks5

_pis5ctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word last='' operation=''
	# bash takes --option=value for three words.
	[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}=
	[[ $cur == = ]] && cur='' && prev=$prev=
	COMPREPLY=()
	case $prev in
	--control | --control=) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	--sort | --sort=) mapfile -t COMPREPLY < <(compgen -W 'id age up down client user' -- "$cur"); return ;;
	--user | --user= | --client | --client= | --limit | --limit= | --announce | --announce= | --file | --file=) return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--control --json --fleet --sort --user --client --limit --announce --wait --file --csv --help -h --version -V' -- "$cur")
		return
	fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		=) continue ;;
		-*) last=$word && continue ;;
		esac
		case $last in
		--control | --sort | --user | --client | --limit | --announce | --file) last='' ;;
		*) operation=$word && break ;;
		esac
	done
	case $operation in
	'') mapfile -t COMPREPLY < <(compgen -W 'status sessions top kick ban unban bans forget reload drain loglevel' -- "$cur") ;;
	loglevel) mapfile -t COMPREPLY < <(compgen -W 'err warn notice info debug none' -- "$cur"); return ;;
	esac
}
complete -F _pis5ctl pis5ctl

_pis5user() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word last='' operation=''
	# bash takes --option=value for three words.
	[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}=
	[[ $cur == = ]] && cur='' && prev=$prev=
	COMPREPLY=()
	case $prev in
	--method | --method= | -m | -m=) mapfile -t COMPREPLY < <(compgen -W 'bcrypt sha256 sha512 apr1 chap' -- "$cur"); return ;;
	--cost | --cost= | -C | -C= | --group | --group= | -g | -g=) return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--create -c --method -m --cost -C --group -g --stdin -i --list-methods -l --help -h --version -V' -- "$cur")
		return
	fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		=) continue ;;
		-*) last=$word && continue ;;
		esac
		case $last in
		--method | -m | --cost | -C | --group | -g) last='' ;;
		*) operation=$word && break ;;
		esac
	done
	case $operation in
	'') mapfile -t COMPREPLY < <(compgen -W 'add passwd verify lock unlock expire delete list' -- "$cur") ;;
	add | passwd | verify | lock | unlock | expire | delete | list) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	esac
}
complete -F _pis5user pis5user
