# picosocks5. "make run" tries it, "make check" tests it, "make help" lists the rest.

PREFIX = /usr/local
SYSCONFDIR = /etc
LOCALSTATEDIR = /var
ENGINE = auto
-include config.mak

LIBDIR = $(PREFIX)/lib/picosocks5
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
CONFDIR = $(SYSCONFDIR)/picosocks5
DEST = $(DESTDIR)

NPM = npm --no-fund --no-audit
TOOLS = node_modules/.bin
SOURCES := $(shell find src -name '*.ts' -o -name '*.cts')

all: build

help:
	@echo 'make            build dist/ (bin/picosocks5, bin/pis5user and bin/pis5ctl run then)'
	@echo 'make run        build and serve 127.0.0.1:1080 in the foreground (RUN_ARGS=... adds options)'
	@echo 'make check      build, lint and run every test'
	@echo 'make check MATRIX="18 24"   the same, and what runs on a system also on these versions of Node.js'
	@echo 'make install    install below PREFIX=$(PREFIX) (DESTDIR= stages); make uninstall takes it back'
	@echo 'make vendor     fetch into vendor/ what a build of the Debian package needs (docs/debian.md)'
	@echo 'make runtimes   fetch Bun and Deno from npm, and use the library in each'
	@echo 'make freeradius fetch a RADIUS server of Debian, beside the system, for the test that needs one'
	@echo 'make prebuilds  build the native engine for each Linux platform that has a compiler here, for npm pack'
	@echo 'make deb-test   build the Debian packages; install, use, upgrade and purge them in a world of their own (root)'
	@echo 'make typed      type the commands of README.md and its like on a host of their own (root)'
	@echo 'make deb-test-stock   install them into a Debian 12 as debootstrap leaves it, with its own Node.js (root)'
	@echo 'make standalone  picosocks5-VERSION-linux-ARCH.tar.gz, with a Node.js of its own; make standalone-test tries it (root)'
	@echo 'make clone-test  from a clone to a page: below closed folders, under umask 077, without a compiler, on Node.js 18 (root)'
	@echo 'make streams-test, matrix-test  more end-to-end tests over streams, and on Node.js 18, 22 and 24, than "make check" takes'
	@echo 'make asan-test  every end-to-end test on an engine under AddressSanitizer; "make check" takes a part of them'
	@echo 'make clients    install real clients beside the system and take each through the proxy (root; CLIENTS="git java")'
	@echo 'make fuzz       random conversations for 60 s (SECONDS=600 SEED=1234 TRANSPORT=engine|streams|both)'
	@echo 'make bulk-test  32 GB through the daemon in both directions, every byte compared (BYTES=1000000000 STREAMS=8)'
	@echo 'make convert-fuzz  random files of Dante for danted and for --convert, as root (SECONDS=600 SEED=1234)'
	@echo 'make bench      compare with other servers on this machine'
	@echo 'make profile    flame graphs of time and memory under a load (WORKLOAD=connect, bulk, upload, echo or udp)'
	@echo 'make render     write option parts of manuals, sample file and completion anew from the option table'
	@echo 'make format     put all source files into the common layout'
	@echo 'make clean      remove what was built; make distclean also node_modules and config.mak'

# What an older one would say of the sources, nobody understands.
.PHONY: new-node
new-node:
	@command -v node >/dev/null || { echo 'picosocks5: Node.js is not installed, or is not in PATH' >&2; exit 71; }
	@node bin/start.cjs

# On Node.js 18 npm would warn of every tool of the tests, which want 20. A build needs none of those: only errors are shown.
deps: node_modules/.package-lock.json
node_modules/.package-lock.json: package.json package-lock.json | new-node
	@command -v npm >/dev/null || { echo 'picosocks5: npm is not installed, or is not in PATH' >&2; exit 71; }
	PICOSOCKS5_ENGINE=no $(NPM) --loglevel=error ci
	@touch $@

# The addon, where it can be built: node_modules/.bin/node-gyp writes build/Release.
engine: build/.engine
build/.engine: node_modules/.package-lock.json binding.gyp native/install.js $(wildcard native/*/*.[ch]) | new-node
	PICOSOCKS5_ENGINE=$(ENGINE) node native/install.js
	@mkdir -p build && touch $@

build: dist/.built build/.engine
dist/.built: node_modules/.package-lock.json tsconfig.json tsconfig.build.json scripts/bundle.js $(wildcard page/*) $(SOURCES) | new-node
	rm -rf dist
	$(TOOLS)/tsc -p tsconfig.build.json
	node scripts/bundle.js
	@touch $@

RUN_ADDRESS = 127.0.0.1:1080
run: build
	@echo 'SOCKS5 proxy on $(RUN_ADDRESS); stop it with Ctrl-C. In another terminal:'
	@echo '  curl --proxy socks5h://$(RUN_ADDRESS) http://example.org/'
	@exec bin/picosocks5 --nofork --logmode stderr $(RUN_ARGS) $(RUN_ADDRESS)

check: build
	MATRIX='$(MATRIX)' sh scripts/check.sh

test: build
	$(TOOLS)/ava $(TESTS)

# What "make check" takes a part of.
streams-test: build
	sh scripts/streams.sh all
matrix-test: build
	sh scripts/matrix.sh all 18 22 24

# Parts of their names.
CLIENTS =
clients: build
	sh test/clients/run.sh $(CLIENTS)

# What was found is shown again by REPLAY='...', a script of test/fuzz/script.ts.
SECONDS = 60
TRANSPORT = both
fuzz: deps build/.engine
	node --import=./scripts/typescript.js test/fuzz/main.ts --seconds '$(SECONDS)' --seed '$(SEED)' --transport '$(TRANSPORT)' \
		--replay '$(REPLAY)'

# Both directions together. A few MB of it are in test/e2e/bulk.test.ts.
BYTES = 32000000000
STREAMS = 8
build/bulk: test/bulk/bulk.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -Werror -o $@ $< -lpthread
bulk-test: build build/bulk
	sh test/bulk/run.sh build/bulk '$(BYTES)' '$(STREAMS)' engine

# Random files of Dante for the real danted and for what --convert makes of them; root. ONLY=12 is the twelfth of a seed.
convert-fuzz: build
	node --import=./scripts/typescript.js test/danted/main.ts --seconds '$(SECONDS)' --seed '$(SEED)' --only '$(ONLY)'

render: deps
	node --import=./scripts/typescript.js scripts/render.ts

format: deps
	$(TOOLS)/prettier --write --log-level warn .

# What lies beside the configuration for whoever wants it.
EXTRAS = $(wildcard etc/presets/*.conf etc/fail2ban/*/*.conf etc/prometheus/*.yml etc/grafana/*.json)

# Only what the daemon needs at run time goes along: dist, the manifest, the production packages, binaries of this platform. It is
# put together beside its place and then renamed, so that whatever runs keeps its files, and what fails on the way changes nothing.
# Who serves may be another account than who builds: everybody may read it, whatever the umask.
NEWLIB = $(LIBDIR).new
OLDLIB = $(LIBDIR).old
install: build
	rm -rf '$(DEST)$(NEWLIB)' '$(DEST)$(OLDLIB)'
	umask 022 && mkdir -p '$(DEST)$(NEWLIB)/bin' '$(DEST)$(BINDIR)' '$(DEST)$(CONFDIR)/presets' \
		'$(DEST)$(CONFDIR)/fail2ban/filter.d' '$(DEST)$(CONFDIR)/fail2ban/jail.d' \
		'$(DEST)$(CONFDIR)/prometheus' '$(DEST)$(CONFDIR)/grafana' \
		'$(DEST)$(MANDIR)/man1' '$(DEST)$(MANDIR)/man5' '$(DEST)$(MANDIR)/man8'
	cp -R dist package.json LICENSE '$(DEST)$(NEWLIB)/'
	$(NPM) ls --omit=dev --all --parseable | sed -n 's|^$(CURDIR)/||p' | \
		while read -r package; do \
			mkdir -p "$(DEST)$(NEWLIB)/$$package" && \
			cp -R "$$package/." "$(DEST)$(NEWLIB)/$$package/" || exit 1; \
		done
	cd '$(DEST)$(NEWLIB)' && node -p 'Object.keys(require("./package.json").dependencies).join("\n")' | \
		while read -r name; do [ -e "node_modules/$$name/package.json" ] || \
			{ echo "picosocks5: node_modules/$$name is missing: run make distclean, then make install" >&2; exit 1; }; done
	@platform=$$(node -p 'process.platform + "-" + process.arch') && \
		find '$(DEST)$(NEWLIB)/node_modules' -path '*/prebuilds/*' -prune -type d ! -name "$$platform" -exec rm -rf {} +
	install -m 755 bin/picosocks5 bin/pis5user bin/pis5ctl '$(DEST)$(NEWLIB)/bin/'
	install -m 644 bin/find-node.sh bin/start.cjs bin/load.cjs '$(DEST)$(NEWLIB)/bin/'
	@if [ -e build/Release/picosocks5.node ]; then mkdir -p '$(DEST)$(NEWLIB)/build/Release' && \
		cp build/Release/picosocks5.node '$(DEST)$(NEWLIB)/build/Release/'; \
		else echo 'picosocks5: installed without the native engine, which needs Linux, g++, make and python3: with these, "rm -rf build" and install again'; fi
	[ ! -e build/Release/pis5tickets ] || install -m 755 build/Release/pis5tickets '$(DEST)$(NEWLIB)/build/Release/'
	chmod -R a+rX,go-w '$(DEST)$(NEWLIB)'
	[ ! -e '$(DEST)$(LIBDIR)' ] || mv '$(DEST)$(LIBDIR)' '$(DEST)$(OLDLIB)'
	mv '$(DEST)$(NEWLIB)' '$(DEST)$(LIBDIR)'
	rm -rf '$(DEST)$(OLDLIB)'
	ln -sf ../lib/picosocks5/bin/picosocks5 '$(DEST)$(BINDIR)/picosocks5'
	ln -sf ../lib/picosocks5/bin/pis5user '$(DEST)$(BINDIR)/pis5user'
	ln -sf ../lib/picosocks5/bin/pis5ctl '$(DEST)$(BINDIR)/pis5ctl'
	install -m 644 man/pis5user.1 '$(DEST)$(MANDIR)/man1/'
	install -m 644 man/picosocks5.conf.5 '$(DEST)$(MANDIR)/man5/'
	install -m 644 man/picosocks5.8 man/pis5ctl.8 '$(DEST)$(MANDIR)/man8/'
	install -m 644 etc/picosocks5.conf '$(DEST)$(CONFDIR)/picosocks5.conf.sample'
	for file in $(EXTRAS); do install -m 644 "$$file" "$(DEST)$(CONFDIR)/$${file#etc/}" || exit 1; done
	[ -e '$(DEST)$(CONFDIR)/picosocks5.conf' ] || \
		install -m 644 etc/picosocks5.conf '$(DEST)$(CONFDIR)/picosocks5.conf'

# The configuration is the operator's and stays.
uninstall:
	rm -rf '$(DEST)$(LIBDIR)' '$(DEST)$(NEWLIB)'
	rm -f '$(DEST)$(BINDIR)/picosocks5' '$(DEST)$(BINDIR)/pis5user' '$(DEST)$(BINDIR)/pis5ctl' \
		'$(DEST)$(MANDIR)/man1/pis5user.1' '$(DEST)$(MANDIR)/man5/picosocks5.conf.5' \
		'$(DEST)$(MANDIR)/man8/picosocks5.8' '$(DEST)$(MANDIR)/man8/pis5ctl.8' '$(DEST)$(CONFDIR)/picosocks5.conf.sample' \
		$(patsubst etc/%,'$(DEST)$(CONFDIR)/%',$(EXTRAS))

vendor: vendor/of-package-lock.json
vendor/of-package-lock.json: package-lock.json scripts/vendor.js
	node scripts/vendor.js
	@touch $@

# Bun and Deno, from npm, into build/runtimes; then the library in each.
runtimes: build
	node scripts/runtimes.js bun deno
	$(TOOLS)/ava test/runtimes.test.ts

# A RADIUS server for test/e2e/loginradius.test.ts, into .cache/freeradius.
freeradius:
	sh scripts/freeradius.sh

prebuilds: deps
	node scripts/prebuilds.js

deb-test: vendor deps
	sh scripts/deb-test/run.sh

# The part of it that types what documents say, but for the Debian package.
typed: deps
	sh scripts/deb-test/run.sh typed

deb-test-stock: vendor
	sh scripts/deb-test/run.sh stock

# A tarball with a Node.js of its own, of the version NODE; and a try of it in a chroot that has nothing but libraries (root).
NODE = 22
standalone: build
	NODE='$(NODE)' sh scripts/standalone/make.sh
standalone-test: standalone
	sh scripts/standalone/test.sh

# From a clone to a page: below folders of mode 0700, under umask 077, without a compiler, on Node.js 18.
clone-test:
	sh scripts/clone-test/run.sh

clean:
	rm -rf dist build coverage picosocks5-*-linux-*.tar.gz

distclean: clean
	rm -rf node_modules vendor config.mak

-include native/native.mk
-include bench/bench.mk

.PHONY: all help deps build engine run check test streams-test matrix-test clients fuzz bulk-test convert-fuzz render format install uninstall vendor runtimes freeradius prebuilds deb-test typed deb-test-stock standalone standalone-test clone-test clean distclean
