# SPDX-License-Identifier: GPL-2.0-or-later
# The program that tests/crash/unwind.t runs.
TEST_DEPS += $(BUILD)/tests/unwind-guest

$(BUILD)/tests/unwind-guest: tests/crash/unwind.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -o $@.o $<
	ia64-linux-gnu-ld -Ttext 0x4000000 -e _start -o $@ $@.o
