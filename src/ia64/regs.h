/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Register numbers and bit layouts of the IA-64 architecture (SDM 2, chapter 3; 1, chapter 3). */
#ifndef PARAVANE_IA64_REGS_H
#define PARAVANE_IA64_REGS_H

#include <stdint.h>

/* Processor status register, SDM 2:3.3.2. */
#define PSR_BE (1ull << 1)
#define PSR_UP (1ull << 2)
#define PSR_AC (1ull << 3)
#define PSR_MFL (1ull << 4)
#define PSR_MFH (1ull << 5)
#define PSR_IC (1ull << 13)
#define PSR_I (1ull << 14)
#define PSR_PK (1ull << 15)
#define PSR_DT (1ull << 17)
#define PSR_DFL (1ull << 18)
#define PSR_DFH (1ull << 19)
#define PSR_SP (1ull << 20)
#define PSR_PP (1ull << 21)
#define PSR_DI (1ull << 22)
#define PSR_SI (1ull << 23)
#define PSR_DB (1ull << 24)
#define PSR_LP (1ull << 25)
#define PSR_TB (1ull << 26)
#define PSR_RT (1ull << 27)
#define PSR_CPL_SHIFT 32
#define PSR_CPL (3ull << PSR_CPL_SHIFT)
#define PSR_IS (1ull << 34)
#define PSR_MC (1ull << 35)
#define PSR_IT (1ull << 36)
#define PSR_ID (1ull << 37)
#define PSR_DA (1ull << 38)
#define PSR_DD (1ull << 39)
#define PSR_SS (1ull << 40)
#define PSR_RI_SHIFT 41
#define PSR_RI (3ull << PSR_RI_SHIFT)
#define PSR_ED (1ull << 43)
#define PSR_BN (1ull << 44)
#define PSR_IA (1ull << 45)
#define PSR_VM (1ull << 46)
/* What psr.um names: the bits that sum, rum and mov psr.um reach at any privilege level. */
#define PSR_UM (PSR_BE | PSR_UP | PSR_AC | PSR_MFL | PSR_MFH)
/* Bits that apply to one instruction only and clear themselves after it. */
#define PSR_ONE_SHOT (PSR_ID | PSR_DA | PSR_DD | PSR_ED | PSR_IA)

/* Application registers, SDM 1:3.1.8. */
enum {
	AR_K0 = 0,
	AR_RSC = 16,
	AR_BSP = 17,
	AR_BSPSTORE = 18,
	AR_RNAT = 19,
	AR_FCR = 21,
	AR_EFLAG = 24,
	AR_CSD = 25,
	AR_SSD = 26,
	AR_CFLG = 27,
	AR_FSR = 28,
	AR_FIR = 29,
	AR_FDR = 30,
	AR_CCV = 32,
	AR_UNAT = 36,
	AR_FPSR = 40,
	AR_ITC = 44,
	AR_RUC = 45,
	AR_PFS = 64,
	AR_LC = 65,
	AR_EC = 66,
};

/* Control registers, SDM 2:3.3.4. */
enum {
	CR_DCR = 0,
	CR_ITM = 1,
	CR_IVA = 2,
	CR_PTA = 8,
	CR_IPSR = 16,
	CR_ISR = 17,
	CR_IIP = 19,
	CR_IFA = 20,
	CR_ITIR = 21,
	CR_IIPA = 22,
	CR_IFS = 23,
	CR_IIM = 24,
	CR_IHA = 25,
	CR_LID = 64,
	CR_IVR = 65,
	CR_TPR = 66,
	CR_EOI = 67,
	CR_IRR0 = 68,
	CR_ITV = 72,
	CR_PMV = 73,
	CR_CMCV = 74,
	CR_LRR0 = 80,
	CR_LRR1 = 81,
};

#define DCR_PP (1ull << 0)
#define DCR_BE (1ull << 1)
#define DCR_LC (1ull << 2)
#define DCR_DM (1ull << 8)
#define DCR_DP (1ull << 9)
#define DCR_DK (1ull << 10)
#define DCR_DX (1ull << 11)
#define DCR_DR (1ull << 12)
#define DCR_DA (1ull << 13)
#define DCR_DD (1ull << 14)

/* Interruption status register, SDM 2:8.3 (Figure 8-1). */
#define ISR_CODE_MASK 0xffffull
#define ISR_VECTOR_SHIFT 16
#define ISR_X (1ull << 32)
#define ISR_W (1ull << 33)
#define ISR_R (1ull << 34)
#define ISR_NA (1ull << 35)
#define ISR_SP (1ull << 36)
#define ISR_RS (1ull << 37)
#define ISR_IR (1ull << 38)
#define ISR_NI (1ull << 39)
#define ISR_SO (1ull << 40)
#define ISR_EI_SHIFT 41
#define ISR_EI (3ull << ISR_EI_SHIFT)
#define ISR_ED (1ull << 43)

/* Interruption vectors as offsets from cr.iva, SDM 2:5.7 (Table 5-7) and 2:8. */
enum ia64_vector {
	IA64_VHPT_VECTOR = 0x0000,
	IA64_ITLB_VECTOR = 0x0400,
	IA64_DTLB_VECTOR = 0x0800,
	IA64_ALT_ITLB_VECTOR = 0x0c00,
	IA64_ALT_DTLB_VECTOR = 0x1000,
	IA64_NESTED_DTLB_VECTOR = 0x1400,
	IA64_IKEY_MISS_VECTOR = 0x1800,
	IA64_DKEY_MISS_VECTOR = 0x1c00,
	IA64_DIRTY_BIT_VECTOR = 0x2000,
	IA64_IACCESS_BIT_VECTOR = 0x2400,
	IA64_DACCESS_BIT_VECTOR = 0x2800,
	IA64_BREAK_VECTOR = 0x2c00,
	IA64_EXTINT_VECTOR = 0x3000,
	IA64_VIRT_EXTINT_VECTOR = 0x3400,
	IA64_PAGE_NOT_PRESENT_VECTOR = 0x5000,
	IA64_KEY_PERMISSION_VECTOR = 0x5100,
	IA64_IACCESS_RIGHTS_VECTOR = 0x5200,
	IA64_DACCESS_RIGHTS_VECTOR = 0x5300,
	IA64_GENERAL_EXCEPTION_VECTOR = 0x5400,
	IA64_DISABLED_FP_VECTOR = 0x5500,
	IA64_NAT_CONSUMPTION_VECTOR = 0x5600,
	IA64_SPECULATION_VECTOR = 0x5700,
	IA64_DEBUG_VECTOR = 0x5900,
	IA64_UNALIGNED_VECTOR = 0x5a00,
	IA64_UNSUPPORTED_DATA_VECTOR = 0x5b00,
	IA64_FP_FAULT_VECTOR = 0x5c00,
	IA64_FP_TRAP_VECTOR = 0x5d00,
	IA64_LOWER_PRIV_VECTOR = 0x5e00,
	IA64_TAKEN_BRANCH_VECTOR = 0x5f00,
	IA64_SINGLE_STEP_VECTOR = 0x6000,
	IA64_VIRTUALIZATION_VECTOR = 0x6100,
	IA64_IA32_EXCEPTION_VECTOR = 0x6900,
	IA64_IA32_INTERCEPT_VECTOR = 0x6a00,
	IA64_IA32_INTERRUPT_VECTOR = 0x6b00,
};

/* ISR.code of IA64_GENERAL_EXCEPTION_VECTOR, SDM 2:8 "General Exception vector". */
enum {
	IA64_GENEX_ILLEGAL_OPERATION = 0x00,
	IA64_GENEX_PRIVILEGED_OPERATION = 0x10,
	IA64_GENEX_PRIVILEGED_REGISTER = 0x20,
	IA64_GENEX_RESERVED_REGISTER_FIELD = 0x30,
	IA64_GENEX_DISABLED_ISA_TRANSITION = 0x40,
	IA64_GENEX_UNIMPLEMENTED_ADDRESS = 0x50, /* unimplemented data address */
	IA64_GENEX_ILLEGAL_DEPENDENCY = 0x80,
};

/* What implementation this is: Itanium 2 (Madison). */
#define IA64_IMPL_VA_BITS 61 /* impl_va_msb + 1: no unimplemented virtual address within a region */
#define IA64_IMPL_PA_BITS 50
#define IA64_RID_BITS 24
#define IA64_KEY_BITS 24
#define IA64_STACKED_PHYS 96
#define IA64_NR_TR 64 /* ITRs and as many DTRs */
#define IA64_NR_PKR 16
#define IA64_NR_DEBUG 8 /* IBRs and as many DBRs: four address/mask pairs each */
#define IA64_NR_PMC 16
#define IA64_NR_PMD 18
#define IA64_NR_CPUID 5

#endif
