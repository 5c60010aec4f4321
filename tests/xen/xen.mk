# SPDX-License-Identifier: GPL-2.0-or-later
# A store on a socket, for xenstore.t; domains by command, for domains.t.
XEN_TEST_PROGRAMS := $(BUILD)/tests/xen/store_server $(BUILD)/tests/xen/domains
TEST_DEPS += $(XEN_TEST_PROGRAMS)

$(XEN_TEST_PROGRAMS): $(BUILD)/tests/xen/%: tests/xen/%.c $(BUILD)/libparavane.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(OWN_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(BUILD)/libparavane.a $(LDLIBS)

-include $(XEN_TEST_PROGRAMS:%=%.d)
