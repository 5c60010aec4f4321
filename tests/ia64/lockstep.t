#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs of processor.t that want one vCPU, translated, each run of a translation compared with the
# interpreter's. (With several, memory may change between the two.)
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
build=${PARAVANE_BUILD:-$top/build}/tests/ia64
for source in $(grep -L '\.vcpus' "$top"/tests/ia64/*.s); do
	name=$(basename "$source" .s)
	[ "$name" = lib ] || set -- "$@" "$build/$name.elf"
done
exec "$build/runner" --lockstep 40 "$@"
