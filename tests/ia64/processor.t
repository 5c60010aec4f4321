#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The processor against the manual: every program of tests/ia64 on bare vCPUs.
cd "$(dirname "$0")" || exit 1
set --
for source in *.s; do
	[ "$source" = lib.s ] || set -- "$@" "$PARAVANE_BUILD/tests/ia64/${source%.s}.elf"
done
exec "$PARAVANE_BUILD/tests/ia64/runner" "$@"
