# Native tests: the engine without Node, once with ASan and UBSan and once with TSan.
# "make -f native/native.mk native-test" from the root of the project.

NATIVE_OUT = build/native-test
NATIVE_TESTS = $(filter-out native/test/tickets/nojail.c,$(wildcard native/test/*.c native/test/*/*.c))
NATIVE_SOURCES = $(wildcard native/unix/*.c native/leg/*.c native/relay/*.c native/engine/*.c) $(NATIVE_TESTS)
NATIVE_HEADERS = $(wildcard native/*/*.h native/test/*/*.h)
NATIVE_FLAGS = -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror -O1 -g -fno-omit-frame-pointer
NATIVE_LIBS = -ldl -lpthread
# stall_test.c stands between the engine and recv(2), splicing.c before the other calls.
NATIVE_WRAP = -Wl,--wrap=recv -Wl,--wrap=splice -Wl,--wrap=pipe2 -Wl,--wrap=fcntl

# They mostly wait, so they take turns with "make -j2".
native-test: native-asan native-tsan

native-asan: $(NATIVE_OUT)/driver-asan $(NATIVE_OUT)/pis5tickets-asan
	UBSAN_OPTIONS=halt_on_error=1 PIS5TICKETS=$(NATIVE_OUT)/pis5tickets-asan $(NATIVE_OUT)/driver-asan

native-tsan: $(NATIVE_OUT)/driver-tsan
	TSAN_OPTIONS=halt_on_error=1 $(NATIVE_OUT)/driver-tsan

$(NATIVE_OUT)/driver-asan: $(NATIVE_SOURCES) $(NATIVE_HEADERS)
	@mkdir -p $(NATIVE_OUT)
	$(CC) $(NATIVE_FLAGS) -fsanitize=address,undefined $(NATIVE_WRAP) -o $@ $(NATIVE_SOURCES) $(NATIVE_LIBS)

# Without its jail, which the sanitizers do not fit into.
TICKETS_SOURCES = $(filter-out native/tickets/jail.c,$(wildcard native/tickets/*.c)) native/test/tickets/nojail.c
$(NATIVE_OUT)/pis5tickets-asan: $(TICKETS_SOURCES) $(NATIVE_HEADERS)
	@mkdir -p $(NATIVE_OUT)
	$(CC) $(NATIVE_FLAGS) -fsanitize=address,undefined -o $@ $(TICKETS_SOURCES) $(NATIVE_LIBS)

$(NATIVE_OUT)/driver-tsan: $(NATIVE_SOURCES) $(NATIVE_HEADERS)
	@mkdir -p $(NATIVE_OUT)
	$(CC) $(NATIVE_FLAGS) -fsanitize=thread $(NATIVE_WRAP) -o $@ $(NATIVE_SOURCES) $(NATIVE_LIBS)

.PHONY: native-test native-asan native-tsan

# The addon itself under ASan and UBSan, for running the whole daemon on it: PICOSOCKS5_PREBUILD=build/asan, which
# node-gyp-build reads, makes it load this one.
ADDON_SOURCES = $(wildcard native/unix/*.c native/leg/*.c native/relay/*.c native/engine/*.c native/addon/*.c)
ADDON_ASAN = build/asan/build/Release/picosocks5.node
NODE_HEADERS = $(shell node -p 'require("path").resolve(process.execPath, "../../include/node")')

addon-asan: $(ADDON_ASAN)
$(ADDON_ASAN): $(ADDON_SOURCES) $(NATIVE_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(NATIVE_FLAGS) -fPIC -shared -DNAPI_VERSION=8 -I$(NODE_HEADERS) -fsanitize=address,undefined \
		-o $@ $(ADDON_SOURCES) $(NATIVE_LIBS)

asan-test: build addon-asan
	sh scripts/asan.sh all

.PHONY: addon-asan asan-test
