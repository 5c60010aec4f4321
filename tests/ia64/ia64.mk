# SPDX-License-Identifier: GPL-2.0-or-later
# The processor's test programs (tests/ia64/*.s but lib.s, which each of them includes) and what runs them.
# -W: they do on purpose what the assembler warns of.
IA64_PROGRAMS := $(filter-out lib,$(patsubst tests/ia64/%.s,%,$(wildcard tests/ia64/*.s)))
TEST_DEPS += $(BUILD)/tests/ia64/runner $(IA64_PROGRAMS:%=$(BUILD)/tests/ia64/%.elf)

$(BUILD)/tests/ia64/runner: tests/ia64/runner.c $(BUILD)/libparavane.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(OWN_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(BUILD)/libparavane.a $(LDLIBS)

$(BUILD)/tests/ia64/%.elf: tests/ia64/%.s tests/ia64/lib.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -W -I tests/ia64 -o $(@:.elf=.o) $<
	ia64-linux-gnu-ld -N --no-warn-rwx-segments -Ttext 0x100000 -e _start -o $@ $(@:.elf=.o)

-include $(BUILD)/tests/ia64/runner.d
