# SPDX-License-Identifier: GPL-2.0-or-later
# A store on a socket, for xenstore.t; domains by command, for domains.t.
XEN_TEST_PROGRAMS := $(BUILD)/tests/xen/store_server $(BUILD)/tests/xen/domains
XEN_GUESTS := $(filter-out lib,$(patsubst tests/xen/%.s,%,$(wildcard tests/xen/*.s)))
TEST_DEPS += $(XEN_TEST_PROGRAMS) $(XEN_GUESTS:%=$(BUILD)/tests/xen/%.elf)

$(XEN_TEST_PROGRAMS): $(BUILD)/tests/xen/%: tests/xen/%.c $(BUILD)/libparavane.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(OWN_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(BUILD)/libparavane.a $(LDLIBS)

$(BUILD)/tests/xen/%.elf: tests/xen/%.s tests/xen/lib.s
	@mkdir -p $(@D)
	ia64-linux-gnu-as -W -I tests/xen -o $(@:.elf=.o) $<
	ia64-linux-gnu-ld -N --no-warn-rwx-segments -Ttext 0x100000 -e _start -o $@ $(@:.elf=.o)

-include $(XEN_TEST_PROGRAMS:%=%.d)
