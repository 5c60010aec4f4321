# SPDX-License-Identifier: GPL-2.0-or-later
# A store on a socket, for xenstore.t.
TEST_DEPS += $(BUILD)/tests/xen/store_server

$(BUILD)/tests/xen/store_server: tests/xen/store_server.c $(BUILD)/libparavane.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(OWN_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(BUILD)/libparavane.a $(LDLIBS)

-include $(BUILD)/tests/xen/store_server.d
