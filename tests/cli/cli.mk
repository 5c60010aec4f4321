# SPDX-License-Identifier: GPL-2.0-or-later
# What the domains and machines of tests/cli/*.t run; and what stands in for other kernels of the host.
TEST_DEPS += $(BUILD)/tests/cli/guest $(BUILD)/tests/cli/machine $(BUILD)/tests/cli/without

$(BUILD)/tests/cli/without: tests/cli/without.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) $(CFLAGS) -o $@ $< -lseccomp

$(BUILD)/tests/cli/guest: tests/cli/guest.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -o $@.o $<
	ia64-linux-gnu-ld -Ttext 0x1010000 -Tdata 0x1100000 -e _start -o $@ $@.o

$(BUILD)/tests/cli/machine: tests/cli/machine.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -o $@.o $<
	ia64-linux-gnu-ld -Ttext 0x4000000 -Tdata 0x4100000 -e _start -o $@ $@.o
