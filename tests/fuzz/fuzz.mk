# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz-xen: libFuzzer (clang) over hypercalls, rings and the store. FUZZ_SECONDS says how long.
FUZZ_SECONDS ?= 60
# What needs neither a processor nor a terminal.
FUZZ_XEN := blkback console_back domain evtchn gnttab hc_event hc_grant hc_memory hc_misc hc_sched \
	hypercall netback p2m pv_device_spec store_ring timer xenbus xencomm
FUZZ_BACKEND := chardev checksum error eventloop iov logfile net net_segment terminal thread \
	xenstore xenstore_tree
FUZZ_SRC := tests/fuzz/fuzz_xen.c $(FUZZ_XEN:%=src/xen/%.c) $(FUZZ_BACKEND:%=src/backend/%.c) \
	src/ia64/memory.c

.PHONY: fuzz-xen
fuzz-xen: $(BUILD)/fuzz/fuzz_xen
	@mkdir -p $(BUILD)/fuzz/corpus
	$(BUILD)/fuzz/fuzz_xen -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -len_control=0 -timeout=10 \
		-artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus

$(BUILD)/fuzz/fuzz_xen: $(FUZZ_SRC) $(wildcard src/xen/*.h include/xen/interface/*.h)
	@mkdir -p $(@D)
	clang -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-fno-strict-aliasing $(CPPFLAGS) -Wall -Wextra -Wno-unused-parameter -pthread \
		-o $@ $(FUZZ_SRC)
