/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions on ar.fpsr: which values it takes, fsetc and fchkf. */
#include "ia64/fp.h"

#define CONTROLS_MASK	0x7fu

static bool controls_reserved(unsigned sf, uint32_t controls)
{
	return (controls >> IA64_SF_PC_SHIFT & 3) == 1 || (sf == 0 && controls & IA64_SF_TD);
}

bool ia64_fpsr_is_reserved(uint64_t fpsr)
{
	if (fpsr >> 58)
		return true;
	for (unsigned sf = 0; sf < 4; sf++)
		if (controls_reserved(sf, ia64_sf_get(fpsr, sf)))
			return true;
	return false;
}

bool ia64_fsetc(uint64_t *fpsr, unsigned sf, unsigned amask7, unsigned omask7)
{
	uint32_t controls = (ia64_sf_get(*fpsr, 0) & amask7 & CONTROLS_MASK) |
			    (omask7 & CONTROLS_MASK);
	unsigned shift = ia64_sf_shift(sf);

	if (controls_reserved(sf, controls))
		return false;
	*fpsr = (*fpsr & ~((uint64_t)CONTROLS_MASK << shift)) | (uint64_t)controls << shift;
	return true;
}

bool ia64_fchkf(uint64_t fpsr, unsigned sf)
{
	uint32_t flags = ia64_sf_get(fpsr, sf) >> IA64_SF_FLAGS_SHIFT;
	uint32_t disabled = fpsr & IA64_FP_ALL;
	uint32_t sf0_flags = ia64_sf_get(fpsr, 0) >> IA64_SF_FLAGS_SHIFT;

	return flags & ~disabled || flags & ~sf0_flags;
}
