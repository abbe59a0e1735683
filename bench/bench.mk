# The benchmark. Its C programs are built for measuring, not for shipping: nothing here is installed.
BENCH_CFLAGS = -std=c11 -O2 -Wall -Wextra -Werror
BENCH_PROGRAMS = build/bench/load build/bench/target build/bench/floor
BENCH_LOAD = $(wildcard bench/load/*.c)
BENCH_FLOOR = $(wildcard bench/floor/*.c)

build/bench/load: $(BENCH_LOAD) bench/load/load.h bench/target.h
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ $(BENCH_LOAD)

build/bench/target: bench/target.c bench/target_udp.c bench/target.h
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ bench/target.c bench/target_udp.c

build/bench/floor: $(BENCH_FLOOR) bench/floor/floor.h
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ $(BENCH_FLOOR)

.PHONY: bench bench-quick bench-programs
bench-programs: $(BENCH_PROGRAMS)

# Both compare against bin/picosocks5 as it was built last: run `make` first.
bench: $(BENCH_PROGRAMS)
	npx tsx bench/run.ts

bench-quick: $(BENCH_PROGRAMS)
	npx tsx bench/run.ts --quick

# What thousands of sessions that never read cost the host, and an honest client beside them.
.PHONY: bench-stalled
bench-stalled: $(BENCH_PROGRAMS)
	npx tsx bench/stalled.ts

# Where time and memory go under one kind of load, as flame graphs in build/profile: WORKLOAD=connect, bulk, upload, echo or udp.
WORKLOAD = connect
.PHONY: profile
profile: build $(BENCH_PROGRAMS)
	npx tsx bench/profile.ts '$(WORKLOAD)' $(PROFILE_ARGS)
