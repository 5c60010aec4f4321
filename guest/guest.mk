# SPDX-License-Identifier: GPL-2.0-or-later
# What starts guests: "make run" and the longer tests, "make test-torture", "make test-selftest" and
# "make test-busybox"; "make guest", which only builds one; and "make test-stock", which compares two.

.PHONY: setup guest run test-torture test-selftest test-busybox test-stock

setup:
	@scripts/setup build guest

guest: setup
	@guest/build kernel initrd

# The program is built by a make of its own: what it is built with may be installed by setup only
# now.
run: guest
	@$(MAKE) --no-print-directory $(BUILD)/paravane
	@guest/run $(BUILD)/paravane

test-torture: setup
	@guest/build kernel initrd torture
	@$(MAKE) --no-print-directory $(BUILD)/paravane
	@guest/torture/run-torture $(BUILD)/paravane

# The kernel's own tests, with lock validation, as a machine and as a domain.
test-selftest: setup
	@guest/build initrd kernel-selftest selftest
	@$(MAKE) --no-print-directory $(BUILD)/paravane
	@guest/selftest/run-selftest $(BUILD)/paravane

# BusyBox's own tests, as a machine and as a domain.
test-busybox: setup
	@guest/build kernel initrd busybox-tests
	@$(MAKE) --no-print-directory $(BUILD)/paravane
	@guest/busybox-tests/run-busybox-tests $(BUILD)/paravane

# With CONFIG_PARAVIRT off the kernel is the one that Debian's sources make.
test-stock: setup
	@guest/build kernel-stock kernel-off
	@guest/compare-kernels $$(guest/build --print kernel-stock kernel-off | xargs dirname)
