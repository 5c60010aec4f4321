#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The processor against the manual: every program of tests/ia64 on bare vCPUs. Options are the runner's.
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
build=${PARAVANE_BUILD:-$top/build}/tests/ia64
for source in "$top"/tests/ia64/*.s; do
	name=$(basename "$source" .s)
	[ "$name" = lib ] || set -- "$@" "$build/$name.elf"
done
exec "$build/runner" "$@"
