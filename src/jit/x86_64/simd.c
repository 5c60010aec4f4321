/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parallel (multimedia) integer instructions. */
#include "jit/x86_64/simd.h"

bool simd_supports(const struct ia64_insn *in)
{
	return false;
}

bool simd_translate(struct tr *t, const struct ia64_insn *in)
{
	return false;
}
