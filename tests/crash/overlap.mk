# SPDX-License-Identifier: GPL-2.0-or-later
# The programs that tests/crash/overlap.t runs: with a handler for machine checks, and without.
OVERLAP_GUESTS := $(BUILD)/tests/overlap-guest $(BUILD)/tests/overlap-bare-guest
TEST_DEPS += $(OVERLAP_GUESTS)

$(BUILD)/tests/overlap-guest: HANDLER := 1
$(BUILD)/tests/overlap-bare-guest: HANDLER := 0
$(OVERLAP_GUESTS): tests/crash/overlap.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as --defsym HANDLER=$(HANDLER) -o $@.o $<
	ia64-linux-gnu-ld -Ttext 0x4000000 -Tdata 0x4100000 -e _start -o $@ $@.o
