# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: sets up, builds everything, measures, prints tables (docs/measuring.md).
# PART=engine, kinds, devices, locks or conventions measures that one; without it all but conventions,
# for which three more kernels are built. ENGINE=interpreter or ENGINE=jit is for PART=engine.

PART ?= engine kinds devices locks

.PHONY: bench bench-build
include bench/insn/insn.mk

$(BUILD)/bench/loop: bench/loop.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -o $@.o $<
	ia64-linux-gnu-ld -o $@ $@.o

bench-build: $(BUILD)/paravane $(BUILD)/bench/loop

BENCH_engine := bench/engine $(BUILD)/paravane $(BUILD)/bench/loop $(ENGINE)
BENCH_kinds := bench/kinds $(BUILD)/paravane
BENCH_devices := bench/devices $(BUILD)/paravane
BENCH_locks := bench/locks $(BUILD)/paravane
BENCH_conventions := bench/conventions $(BUILD)/paravane
BENCH_NEEDS_engine := bench bench-host
BENCH_NEEDS_kinds := bench kernel-stock
BENCH_NEEDS_locks := bench
BENCH_NEEDS_conventions := bench kernel-stock kernel-banked kernel-stacked

ifneq ($(filter-out engine kinds devices locks conventions,$(PART)),)
bench:
	@echo "PART=$(PART): engine, kinds, devices, locks, conventions are accepted" >&2; exit 2
else
bench:
	@scripts/setup build test guest bench
	@$(MAKE) --no-print-directory bench-build
	@guest/build kernel initrd $(sort $(foreach part,$(PART),$(BENCH_NEEDS_$(part))))
	@$(foreach part,$(PART),$(BENCH_$(part)) &&) :
endif
