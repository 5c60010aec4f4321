# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel that the domains of tests/cli/*.t run.
TEST_DEPS += $(BUILD)/tests/cli/guest

$(BUILD)/tests/cli/guest: tests/cli/guest.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -o $@.o $<
	ia64-linux-gnu-ld -Ttext 0x1010000 -Tdata 0x1100000 -e _start -o $@ $@.o
