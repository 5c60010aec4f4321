# SPDX-License-Identifier: GPL-2.0-or-later
# Loops on a bare vCPU: instructions a second of the interpreter. `make bench-insn` prints them.
INSN_LOOPS := $(patsubst bench/insn/%.s,$(BUILD)/bench/insn/%.bin,$(wildcard bench/insn/*.s))

$(BUILD)/bench/insn/%.bin: bench/insn/%.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -o $(@:.bin=.o) $<
	ia64-linux-gnu-objcopy -O binary -j .text $(@:.bin=.o) $@

$(BUILD)/bench/insn/insn_rate: bench/insn/insn_rate.c $(BUILD)/libparavane.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(OWN_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(BUILD)/libparavane.a $(LDLIBS)

.PHONY: bench-insn
bench-insn: $(BUILD)/bench/insn/insn_rate $(INSN_LOOPS)
	$(BUILD)/bench/insn/insn_rate $(INSN_LOOPS)

-include $(BUILD)/bench/insn/insn_rate.d
