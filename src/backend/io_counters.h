/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has gone through a disk or a network card, for whoever looks on. */
#ifndef PARAVANE_BACKEND_IO_COUNTERS_H
#define PARAVANE_BACKEND_IO_COUNTERS_H

#include <stdint.h>

/* Requests or frames, and their bytes: read or received by the guest, written or sent by it. */
struct io_counters {
	_Atomic uint64_t in_ops, in_bytes, out_ops, out_bytes;
};

#endif
