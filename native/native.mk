# Native tests: the engine without Node, once with ASan and UBSan and once with TSan.
# "make -f native/native.mk native-test" from the root of the project.

NATIVE_OUT = build/native-test
NATIVE_SOURCES = $(filter-out $(wildcard native/addon*.c),$(wildcard native/*.c)) $(wildcard native/test/*.c)
NATIVE_HEADERS = $(wildcard native/*.h native/test/*.h)
NATIVE_FLAGS = -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror -O1 -g -fno-omit-frame-pointer
NATIVE_LIBS = -ldl -lpthread

native-test: $(NATIVE_OUT)/driver-asan $(NATIVE_OUT)/driver-tsan
	UBSAN_OPTIONS=halt_on_error=1 $(NATIVE_OUT)/driver-asan
	TSAN_OPTIONS=halt_on_error=1 $(NATIVE_OUT)/driver-tsan

$(NATIVE_OUT)/driver-asan: $(NATIVE_SOURCES) $(NATIVE_HEADERS)
	@mkdir -p $(NATIVE_OUT)
	$(CC) $(NATIVE_FLAGS) -fsanitize=address,undefined -o $@ $(NATIVE_SOURCES) $(NATIVE_LIBS)

$(NATIVE_OUT)/driver-tsan: $(NATIVE_SOURCES) $(NATIVE_HEADERS)
	@mkdir -p $(NATIVE_OUT)
	$(CC) $(NATIVE_FLAGS) -fsanitize=thread -o $@ $(NATIVE_SOURCES) $(NATIVE_LIBS)

.PHONY: native-test
