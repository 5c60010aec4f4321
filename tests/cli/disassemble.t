#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# paravane disassemble prints what ia64-linux-gnu-objdump -d prints: of an object file, of a linked
# program, and of bare bundles. (Every encoding is compared by the decoder's own test.)
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(run_program);

my $dir = tempdir(CLEANUP => 1);

open my $source, '>', "$dir/a.s" or die;
print $source <<'END';
	.explicit
	.text
	.global _start
	.proc _start
_start:
{	.mmi
	alloc r32 = ar.pfs, 2, 1, 1, 0
	(p6) mov r14 = r18
	nop.i 0 ;;
}
{	.mlx
	nop.m 0
	movl r15 = 0x123456789abcdef0 ;;
}
{	.mib
	cmp.eq p6, p7 = r14, r15
	shl r16 = r15, 3
	(p7) br.cond.dptk.few _start
}
{	.mfb
	ld8.acq r17 = [r18], 8
	fma.d.s0 f8 = f9, f10, f11
	br.call.sptk.many b0 = leaf ;;
}
	.endp _start
	.proc leaf
leaf:
{	.mib
	chk.s.m r17, _start
	nop.i 0
	br.ret.sptk.many b0 ;;
}
{	.mii
	nop.m 0
	mov.ret.sptk b7 = r28, leaf
	mov r29 = b7 ;;
}
	.endp leaf
	.section .init.text, "ax"
early:
{	.mii
	break.m 0x100
	mov pr = r14, -1
	nop.i 7 ;;
}
END
close $source;

sub is_same {
	my ($name, $file) = @_;
	my ($status, $ours) = run_program('disassemble', $file);
	my $theirs = `ia64-linux-gnu-objdump -d $file`;

	is($status, 0, "$name: status 0");
	like($theirs, qr/Disassembly of section/, "$name: objdump prints something");
	is($ours, $theirs, "$name: the same as objdump");
}

is(system("ia64-linux-gnu-as -o $dir/a.o $dir/a.s"), 0, 'the assembler takes the source');
is_same('an object file', "$dir/a.o");
is(system("ia64-linux-gnu-ld -o $dir/a.out $dir/a.o"), 0, 'the linker takes the object');
is_same('a linked program', "$dir/a.out");

system("ia64-linux-gnu-objcopy -O binary -j .text $dir/a.out $dir/raw");
my ($status, $raw) = run_program('disassemble', '--raw', "$dir/raw");
is($status, 0, '--raw: status 0');
like($raw, qr/^   0:\t[0-9a-f ]+\t\[MMI\]       alloc r32=ar\.pfs,4,3,0$/m,
	'--raw: the first instruction')
	or diag($raw);
is(() = $raw =~ /\n/g, 18, '--raw: three lines a bundle');

# A file that says less than it should is read as far as it is sound.
for my $length (70, 120, 200, 300) {
	system("head -c $length $dir/a.out > $dir/cut");
	($status, undef, my $err) = run_program('disassemble', "$dir/cut");
	is($status, 1, "cut after $length bytes: status 1");
	like($err, qr/^paravane: .*truncated[^\n]*\n$/, "cut after $length bytes: says so");
}

done_testing;
