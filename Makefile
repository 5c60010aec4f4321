# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            builds build/paravane
# make run        sets up, builds everything, boots Linux in this terminal (guest/guest.mk);
#                 KIND=pv, as a domain, is the default, KIND=hvm a machine
# make test       sets up, builds everything, runs the tests (tests/tests.mk)
# make bench      measurements, as ratios in one run (bench/bench.mk)
# make install    program and man pages below PREFIX

BUILD ?= build
PREFIX ?= /usr/local
CC ?= gcc
VERSION := 0.1

PKGS := popt slirp zlib libnbd jansson libseccomp
CFLAGS ?= -O2 -g
CPPFLAGS += -Isrc -Iinclude -D_GNU_SOURCE -DPARAVANE_VERSION='"$(VERSION)"'
WARN := -std=c17 -Wall -Wextra -Werror -Wno-unused-parameter -Wstrict-prototypes -Wmissing-prototypes
OWN_CFLAGS = $(WARN) $(CFLAGS) $(SAN) -fno-strict-aliasing -pthread $(PKG_CFLAGS)
LDLIBS = $(PKG_LIBS) -pthread -lm

# V=1 shows the commands.
ifneq ($(V),1)
Q := @
say = @printf '  %-4s %s\n' $(1) $(2)
endif

# Beside the plain build: SANITIZE=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer,
# SANITIZE=thread with ThreadSanitizer (fences are not known to it: hence no warning of them).
SANITIZER-1 := sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined
SANITIZER-thread := tsan -fsanitize=thread -Wno-tsan
ifneq ($(SANITIZER-$(SANITIZE)),)
ifneq ($(notdir $(BUILD)),$(firstword $(SANITIZER-$(SANITIZE))))
override BUILD := $(BUILD)/$(firstword $(SANITIZER-$(SANITIZE)))
endif
SAN := $(wordlist 2,9,$(SANITIZER-$(SANITIZE))) -fno-omit-frame-pointer
else ifneq ($(SANITIZE),)
$(error SANITIZE=$(SANITIZE): 1 and thread are accepted)
endif

LAYERS := ia64 machine backend xen tool
SRC := $(wildcard $(addprefix src/,$(addsuffix /*.c,$(LAYERS))))
# The translator makes code for the hosts that have a folder; elsewhere src/jit/none stands in.
HOST := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
JIT := $(wildcard src/jit/$(HOST)/*.c)
SRC += $(if $(JIT),$(wildcard src/jit/*.c) $(JIT),src/jit/none/none.c)
OBJ := $(SRC:%.c=$(BUILD)/%.o)
LIB_OBJ := $(filter-out $(BUILD)/src/tool/main.o,$(OBJ))
UNIT_SRC := $(wildcard tests/unit/*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)

# pkg-config is asked only when something is compiled: set-up may still have to install it.
PKG_CFLAGS = $(call pkg_config,--cflags)
PKG_LIBS = $(call pkg_config,--libs)
pkg_config = $(or $(shell pkg-config $(1) $(PKGS) && echo " "),\
	$(error pkg-config does not find all of $(PKGS): scripts/setup build installs what they need))

.PHONY: all unit clean install
all: $(BUILD)/paravane

$(BUILD)/paravane: $(BUILD)/src/tool/main.o $(BUILD)/libparavane.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OWN_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# P: two objects may have the same name in different folders.
$(BUILD)/libparavane.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcsP $@ $^

$(BUILD)/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(OWN_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libparavane.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(OWN_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< \
		$(BUILD)/libparavane.a $(LDLIBS) -lcmocka -lmpfr -lgmp

unit: $(UNIT)

clean:
	rm -rf $(BUILD)

install: $(BUILD)/paravane
	install -D -m 755 $(BUILD)/paravane $(DESTDIR)$(PREFIX)/bin/paravane
	install -D -m 644 docs/paravane.1 $(DESTDIR)$(PREFIX)/share/man/man1/paravane.1
	install -D -m 644 docs/paravane.cfg.5 $(DESTDIR)$(PREFIX)/share/man/man5/paravane.cfg.5

-include guest/guest.mk tests/tests.mk bench/bench.mk
-include $(OBJ:.o=.d) $(UNIT:=.d)
