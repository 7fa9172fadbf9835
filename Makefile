# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
#   make           builds build/tcpflux
#   make run       installs what is missing, builds, and starts tcpflux trace
#   make check     installs what is missing, builds, and runs all tests
#   make asan      the tests of a build with sanitizers
#   make faults    makes each allocation and system call fail, one after another
#   make fuzz      builds the fuzzers of tests/fuzz/run.sh
#   make lint      a part of check: what can be found without running anything
#   make check-kernels   the root tests on other kernels
#   make bench     measures what tracing costs
#   make install   to DESTDIR and PREFIX
#   make deps      installs what is missing, nothing else
#   make clean
#
# V=1 shows the commands. CC, CLANG, BPFTOOL, CFLAGS and BUILD can be set.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build
CLANG   ?= clang
CFLAGS  ?= -O2 -g

# A user's PATH may lack /usr/sbin; Ubuntu keeps bpftool with each kernel's tools.
BPFTOOL ?= $(firstword $(foreach b,bpftool /usr/sbin/bpftool $(wildcard /usr/lib/linux-tools*/*/bpftool),\
	     $(shell $(b) version >/dev/null 2>&1 && echo $(b))))
SUDO    := $(if $(filter 0,$(shell id -u)),,sudo)

Q  := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

WARNINGS    := -Wall -Wextra $(if $(WERROR),-Werror)
USER_CFLAGS := -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -DTCPFLUX_VERSION='"$(VERSION)"' \
	       -Ibpf -Iuser -I$(BUILD)
BPF_CFLAGS  := -std=gnu11 -g -O2 -target bpf -mcpu=v3 $(WARNINGS) -Wno-unused-parameter \
	       -Ivmlinux -Ibpf
LIBS        := -lbpf -lcap -lz -lzstd -lsqlite3 -lncursesw

# A row goes through a dozen small functions of as many files: calls were a fifth of its cost. Tests
# link the same objects without it, for which these hold ordinary code, too (gcc, clang from 17).
LTO := $(shell echo | $(CC) -Werror -flto -ffat-lto-objects -x c -c -o /dev/null - 2>/dev/null && \
	 echo -flto=auto -ffat-lto-objects)

# One object for what streams, and one for each that shares nothing with it.
BPF_OBJECTS  := $(patsubst bpf/%.bpf.c,$(BUILD)/bpf/%.o,$(wildcard bpf/*.bpf.c))
BPF_ALONE    := totals symbols hidden
USER_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard user/*.c user/*/*.c))
SKELETONS    := $(patsubst %,$(BUILD)/%.skel.h,tcpflux $(BPF_ALONE))

.PHONY: all run check asan asan-build faults lint check-kernels tests root-tests bench install deps clean
.DELETE_ON_ERROR:

all: $(BUILD)/tcpflux

$(BUILD)/tcpflux: $(USER_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LTO) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/user/%.o: user/%.c | $(SKELETONS)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) $(LTO) -MMD -MP -c -o $@ $<

$(BUILD)/bpf/%.o: bpf/%.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tcpflux.bpf.o: $(filter-out $(patsubst %,$(BUILD)/bpf/%.o,$(BPF_ALONE)),$(BPF_OBJECTS))
$(patsubst %,$(BUILD)/%.bpf.o,$(BPF_ALONE)): $(BUILD)/%.bpf.o: $(BUILD)/bpf/%.o
$(BUILD)/%.bpf.o:
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(SKELETONS): $(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf >$@

install: all
	install -D -m 755 $(BUILD)/tcpflux $(DESTDIR)$(PREFIX)/sbin/tcpflux
	install -D -m 644 doc/tcpflux.8 $(DESTDIR)$(PREFIX)/share/man/man8/tcpflux.8
	install -D -m 644 doc/tcpflux-log.5 $(DESTDIR)$(PREFIX)/share/man/man5/tcpflux-log.5

deps:
	$(Q)./deps.sh build

# The build starts anew behind the installation: what it found missing before is there now.
run: deps
	$(Q)$(MAKE) -s --no-print-directory all
	$(Q)$(SUDO) $(BUILD)/tcpflux trace

check:
	$(Q)./deps.sh check
	$(Q)$(MAKE) -s --no-print-directory -j$(shell nproc) all tests
	$(Q)$(MAKE) -s --no-print-directory -j$(shell nproc) asan-build
	$(Q)SANITIZED=$(ASAN) tests/run.sh $(BUILD)

# Memory that leaks is an error, too.
ASAN       := $(BUILD)/asan
ASAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined

asan-build:
	$(Q)$(MAKE) -s --no-print-directory BUILD=$(ASAN) CFLAGS="-O1 -g $(ASAN_FLAGS)" \
		LDFLAGS="$(ASAN_FLAGS)" all tests

asan:
	$(Q)./deps.sh check
	$(Q)$(MAKE) -s --no-print-directory asan-build
	$(Q)SANITIZED=$(ASAN) tests/run.sh $(BUILD) 'asan/*'

faults:
	$(Q)./deps.sh check
	$(Q)$(MAKE) -s --no-print-directory all tests
	$(Q)tests/run.sh $(BUILD) faults

lint:
	$(Q)./deps.sh check
	$(Q)$(MAKE) -s --no-print-directory all
	$(Q)tests/run.sh $(BUILD) static

# tests/vm/run.sh tells by which variables it can be made smaller.
check-kernels:
	$(Q)./deps.sh check
	$(Q)$(MAKE) -s --no-print-directory all root-tests
	$(Q)tests/run.sh $(BUILD) vm

# Tests link with all of tcpflux but its main(). Every tests/unit/*.c is a program; so is every
# tests/root/*.test.c, with the other files there.
TEST_OBJECTS := $(filter-out $(BUILD)/user/main.o,$(USER_OBJECTS))
TEST_LIBS    := $(LIBS) -lcmocka
UNIT_TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%.test,$(wildcard tests/unit/*.c))
ROOT_TESTS   := $(patsubst tests/root/%.c,$(BUILD)/tests/root/%,$(wildcard tests/root/*.test.c))
ROOT_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %.test.c,$(wildcard tests/root/*.c)))
PLAY_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/golden/*.c))
PRELOADED    := $(BUILD)/tests/faults/faults.so $(BUILD)/tests/memory/pidfd.so

tests: $(UNIT_TESTS) root-tests $(BUILD)/tests/golden/replay $(BUILD)/tests/bench/lives $(BUILD)/tests/bench/churn $(PRELOADED)

root-tests: $(ROOT_TESTS)

$(BUILD)/tests/%.o: tests/%.c | $(SKELETONS)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%.test: $(BUILD)/tests/unit/%.o $(TEST_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(if $(LTO),-fno-lto) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(BUILD)/tests/golden/replay: $(PLAY_OBJECTS) $(TEST_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(if $(LTO),-fno-lto) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(BUILD)/tests/bench/lives: $(BUILD)/tests/bench/lives.o $(TEST_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(if $(LTO),-fno-lto) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(BUILD)/tests/root/%.test: $(BUILD)/tests/root/%.test.o $(ROOT_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(if $(LTO),-fno-lto) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

# It asks the program's own filter, too.
$(BUILD)/tests/root/verdict.test: $(TEST_OBJECTS)

# Without CFLAGS: what is loaded into a build with sanitizers must not have them.
$(BUILD)/tests/faults/faults.so: tests/faults/faults.c tests/faults/calls.c tests/faults/faults.h
$(BUILD)/tests/memory/pidfd.so: tests/memory/pidfd.c
$(PRELOADED): tests/preload.h
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIC -shared -o $@ $(filter %.c,$^)

.PRECIOUS: $(BUILD)/tests/%.o
.SECONDARY:

# What reads logs and expressions, and what that needs, in a build of its own: see tests/fuzz/run.sh.
FUZZ_FLAGS   := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
		-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
FUZZ_SOURCES := $(filter-out user/main.c,$(wildcard user/*.c)) \
		$(wildcard user/log/*.c user/filter/*.c user/support/*.c) \
		$(wildcard user/sources/standin*.c) \
		$(addprefix user/sources/,logfile.c recorded.c stream.c decode.c)
FUZZ_OBJECTS := $(patsubst %.c,$(BUILD)/fuzz/%.o,$(FUZZ_SOURCES))

.PHONY: fuzz fuzz-seeds

fuzz: $(BUILD)/tests/fuzz/log $(BUILD)/tests/fuzz/filter

$(BUILD)/tests/fuzz/log $(BUILD)/tests/fuzz/filter: \
		$(BUILD)/tests/fuzz/%: $(BUILD)/fuzz/tests/fuzz/%.o $(FUZZ_OBJECTS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

$(BUILD)/fuzz/%.o: %.c | $(SKELETONS)
	$(call say,FUZZ,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(filter-out $(CFLAGS),$(USER_CFLAGS)) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<

fuzz-seeds: $(BUILD)/tests/fuzz/seeds
	$(Q)$< tests/fuzz/seeds

$(BUILD)/tests/fuzz/seeds: $(BUILD)/tests/fuzz/seeds.o $(TEST_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(if $(LTO),-fno-lto) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

BENCH := $(BUILD)/tests/bench

bench: deps
	$(Q)$(MAKE) -s --no-print-directory all $(BENCH)/churn $(BENCH)/attach $(BENCH)/empty.bpf.o
	$(Q)$(SUDO) tests/bench/bench.sh -t $(BUILD)

$(BENCH)/churn $(BENCH)/attach: %: %.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BENCH)/empty.bpf.o: tests/bench/empty.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

clean:
	$(Q)rm -rf $(BUILD)

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d $(BUILD)/fuzz/*/*/*.d)
