# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: sets up, builds everything, measures, prints one table (bench/run says of what).
# ENGINE=interpreter or ENGINE=jit measures that one.

.PHONY: bench bench-build
include bench/insn/insn.mk

$(BUILD)/bench/loop: bench/loop.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -o $@.o $<
	ia64-linux-gnu-ld -o $@ $@.o

bench-build: $(BUILD)/paravane $(BUILD)/bench/loop

bench:
	@scripts/setup build test guest
	@$(MAKE) --no-print-directory bench-build
	@guest/build kernel initrd bench bench-host
	@bench/run $(BUILD)/paravane $(BUILD)/bench/loop $(ENGINE)
	@bench/devices $(BUILD)/paravane
