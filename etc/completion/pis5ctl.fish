# fish completion of pis5ctl; written by "make render".
complete -c pis5ctl -f
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a status
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a sessions
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a top
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a kick
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a ban
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a unban
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a bans
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a forget
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a reload
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a drain
complete -c pis5ctl -n 'not __fish_seen_subcommand_from status sessions top kick ban unban bans forget reload drain loglevel' -a loglevel
complete -c pis5ctl -n '__fish_seen_subcommand_from loglevel' -a 'err warn notice info debug none'
complete -c pis5ctl -l control -r -F
complete -c pis5ctl -l json
complete -c pis5ctl -l fleet
complete -c pis5ctl -l sort -r -a 'id age up down client user'
complete -c pis5ctl -l user -r
complete -c pis5ctl -l client -r
complete -c pis5ctl -l limit -r
complete -c pis5ctl -l announce -r
complete -c pis5ctl -l wait
complete -c pis5ctl -l file -r
complete -c pis5ctl -l csv
complete -c pis5ctl -l help -s h
complete -c pis5ctl -l version -s V
