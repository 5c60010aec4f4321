# SPDX-License-Identifier: GPL-2.0-or-later
# The program that tests/crash/crash.t runs.
TEST_DEPS += $(BUILD)/tests/crash-guest

$(BUILD)/tests/crash-guest: tests/crash/crash.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -o $@.o $<
	ia64-linux-gnu-ld -Ttext 0x4000000 -Tdata 0x4100000 -e _start -o $@ $@.o
