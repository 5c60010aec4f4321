/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vCPU's registers as text. */
#include "ia64/state_dump.h"

#include <inttypes.h>

#include "ia64/interruption.h"
#include "ia64/rse.h"

struct name {
	unsigned int number;
	const char *name;
};

/* psr bits by number, SDM 2:3.3.2. */
static const struct name psr_bits[] = {
	{ 1, "be" }, { 2, "up" }, { 3, "ac" }, { 4, "mfl" }, { 5, "mfh" }, { 13, "ic" },
	{ 14, "i" }, { 15, "pk" }, { 17, "dt" }, { 18, "dfl" }, { 19, "dfh" }, { 20, "sp" },
	{ 21, "pp" }, { 22, "di" }, { 23, "si" }, { 24, "db" }, { 25, "lp" }, { 26, "tb" },
	{ 27, "rt" }, { 34, "is" }, { 35, "mc" }, { 36, "it" }, { 37, "id" }, { 38, "da" },
	{ 39, "dd" }, { 40, "ss" }, { 43, "ed" }, { 44, "bn" }, { 45, "ia" },
};

static const struct name application[] = {
	{ AR_K0, "k0" }, { AR_K0 + 1, "k1" }, { AR_K0 + 2, "k2" }, { AR_K0 + 3, "k3" },
	{ AR_K0 + 4, "k4" }, { AR_K0 + 5, "k5" }, { AR_K0 + 6, "k6" }, { AR_K0 + 7, "k7" },
	{ AR_RSC, "rsc" }, { AR_CCV, "ccv" }, { AR_UNAT, "unat" }, { AR_FPSR, "fpsr" },
	{ AR_PFS, "pfs" }, { AR_LC, "lc" }, { AR_EC, "ec" },
};

static const struct name control[] = {
	{ CR_DCR, "dcr" }, { CR_ITM, "itm" }, { CR_IVA, "iva" }, { CR_PTA, "pta" },
	{ CR_IPSR, "ipsr" }, { CR_ISR, "isr" }, { CR_IIP, "iip" }, { CR_IFA, "ifa" },
	{ CR_ITIR, "itir" }, { CR_IIPA, "iipa" }, { CR_IFS, "ifs" }, { CR_IIM, "iim" },
	{ CR_IHA, "iha" }, { CR_TPR, "tpr" }, { CR_ITV, "itv" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *separator(unsigned int n)
{
	return n % 3 == 2 ? "\n" : "  ";
}

static void dump_gr(const struct vcpu *v, FILE *out)
{
	unsigned int n;

	for (n = 0; n < 32u + v->rse.sof; n++) {
		bool nat;
		uint64_t val;

		if (n < 32) {
			val = v->gr[n];
			nat = v->nat[n];
		} else {
			val = ia64_stacked_read(v, n - 32, &nat);
		}
		fprintf(out, "r%-4u%016" PRIx64 "%c%s", n, val, nat ? '*' : ' ', separator(n));
	}
	if ((32u + v->rse.sof) % 3)
		fputc('\n', out);
}

static void dump_named(const char *prefix, const struct name *names, unsigned int count,
		       const uint64_t *values, FILE *out)
{
	unsigned int n;

	for (n = 0; n < count; n++)
		fprintf(out, "%s%-5s%016" PRIx64 "%s", prefix, names[n].name,
			values[names[n].number], separator(n));
	if (count % 3)
		fputc('\n', out);
}

static void dump_translations(const char *name, const struct ia64_translation *tr, FILE *out)
{
	unsigned int n;

	for (n = 0; n < IA64_NR_TR; n++)
		if (tr[n].valid)
			fprintf(out, "%s%-3u rid %06x va %016" PRIx64 " pa %013" PRIx64
				" ps %u ar %u pl %u ma %u%s%s%s\n", name, n, tr[n].rid, tr[n].va,
				tr[n].ppn_pa, tr[n].ps, tr[n].ar, tr[n].pl, tr[n].ma,
				tr[n].p ? " p" : "", tr[n].a ? " a" : "", tr[n].d ? " d" : "");
}

void ia64_state_dump(struct vcpu *v, FILE *out)
{
	unsigned int n;

	ia64_sync_ip(v);
	fprintf(out, "vcpu %u  ip %016" PRIx64 " slot %u  psr %016" PRIx64 " cpl %u (", v->index,
		v->ip, v->ri, v->psr, v->cpl);
	for (n = 0; n < COUNT(psr_bits); n++)
		if (v->psr >> psr_bits[n].number & 1)
			fprintf(out, " %s", psr_bits[n].name);
	fputs(" )\n", out);
	fprintf(out, "pr   %016" PRIx64 "  cfm %010" PRIx64 " (sof %u sol %u sor %u)\n",
		ia64_pr_get(v), ia64_cfm(&v->rse), v->rse.sof, v->rse.sol, v->rse.sor);
	dump_gr(v, out);
	for (n = 0; n < 8; n++)
		fprintf(out, "b%-4u%016" PRIx64 " %s", n, v->br[n], n == 7 ? "\n" : separator(n));
	dump_named("ar.", application, COUNT(application), v->ar, out);
	fprintf(out, "ar.bsp  %016" PRIx64 "  ar.bspstore %016" PRIx64 "  ar.rnat %016" PRIx64 "\n",
		ia64_rse_bsp(&v->rse), v->rse.bspstore, v->rse.rnat);
	dump_named("cr.", control, COUNT(control), v->cr, out);
	for (n = 0; n < 8; n++)
		fprintf(out, "rr%-3u%016" PRIx64 " %s", n, v->rr[n], n == 7 ? "\n" : separator(n));
	dump_translations("itr", v->itr, out);
	dump_translations("dtr", v->dtr, out);
}
