# SPDX-License-Identifier: GPL-2.0-or-later
# make test: sets up, builds the program and a guest, and runs every suite. SANITIZE=1 does it with
# a program built with AddressSanitizer and UndefinedBehaviorSanitizer.
#
# A suite is a program that prints TAP: the unit tests, and each executable tests/*/*.t. What a
# suite needs to have built is added to TEST_DEPS by a tests/*/*.mk of its own.

# make test-quick leaves out what needs a guest.
# make test-boots N=100 boots the guest that often as a machine and as a domain.
.PHONY: test test-quick test-build test-boots
-include $(wildcard tests/*/*.mk)

export PARAVANE = $(abspath $(BUILD)/paravane)
export PARAVANE_BUILD = $(abspath $(BUILD))

GUEST_SUITES := $(wildcard tests/boot/*.t)
QUICK_SUITES := $(filter-out $(GUEST_SUITES),$(wildcard tests/*/*.t))

test-build: $(BUILD)/paravane $(UNIT) $(TEST_DEPS)

# The set-up comes first, and may install what the rest of this file needs: hence a make of its own.
test:
	scripts/setup build test guest
	$(MAKE) test-build
	guest/build kernel vmlinux initrd userspace
	-guest/build irqbalance # where it cannot be had, its test is skipped
	tests/run $(UNIT) $(QUICK_SUITES) $(GUEST_SUITES)

test-quick: test-build
	tests/run $(UNIT) $(QUICK_SUITES)

N ?= 20
test-boots: $(BUILD)/paravane
	guest/build kernel initrd
	tests/boots $(N)
