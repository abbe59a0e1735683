# fish completion of pis5user; written by "make render".
complete -c pis5user -f
complete -c pis5user -n 'not __fish_seen_subcommand_from add passwd verify lock unlock expire delete list' -a add
complete -c pis5user -n '__fish_seen_subcommand_from add' -F
complete -c pis5user -n 'not __fish_seen_subcommand_from add passwd verify lock unlock expire delete list' -a passwd
complete -c pis5user -n '__fish_seen_subcommand_from passwd' -F
complete -c pis5user -n 'not __fish_seen_subcommand_from add passwd verify lock unlock expire delete list' -a verify
complete -c pis5user -n '__fish_seen_subcommand_from verify' -F
complete -c pis5user -n 'not __fish_seen_subcommand_from add passwd verify lock unlock expire delete list' -a lock
complete -c pis5user -n '__fish_seen_subcommand_from lock' -F
complete -c pis5user -n 'not __fish_seen_subcommand_from add passwd verify lock unlock expire delete list' -a unlock
complete -c pis5user -n '__fish_seen_subcommand_from unlock' -F
complete -c pis5user -n 'not __fish_seen_subcommand_from add passwd verify lock unlock expire delete list' -a expire
complete -c pis5user -n '__fish_seen_subcommand_from expire' -F
complete -c pis5user -n 'not __fish_seen_subcommand_from add passwd verify lock unlock expire delete list' -a delete
complete -c pis5user -n '__fish_seen_subcommand_from delete' -F
complete -c pis5user -n 'not __fish_seen_subcommand_from add passwd verify lock unlock expire delete list' -a list
complete -c pis5user -n '__fish_seen_subcommand_from list' -F
complete -c pis5user -l create -s c
complete -c pis5user -l method -s m -r -a 'bcrypt sha256 sha512 apr1 chap'
complete -c pis5user -l cost -s C -r
complete -c pis5user -l group -s g -r
complete -c pis5user -l stdin -s i
complete -c pis5user -l list-methods -s l
complete -c pis5user -l help -s h
complete -c pis5user -l version -s V
