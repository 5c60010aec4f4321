#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The checks that the guest kernel's build makes of the kernel and of its modules: a privileged or
# sensitive instruction that the paravirtualization layer does not know of ends the build.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

my $scripts = 'guest/linux/arch/ia64/scripts';
my $dir = tempdir(CLEANUP => 1);
my $site = '[77771:] %s;; .xdata4 "__pv_sites", 77771b-., 0x100';

$ENV{OBJDUMP} = 'ia64-linux-gnu-objdump';
$ENV{NM} = 'ia64-linux-gnu-nm';
mkdir "$dir/kernel" or die;

# An object of a function of these instructions.
sub object {
	my ($path, $function, @insns) = @_;

	open my $s, '>', "$dir/s.s" or die "$dir/s.s: $!\n";
	print $s ".explicit\n.section \"__pv_sites\", \"a\"\n.previous\n.text\n",
		".global $function\n.proc $function\n$function:\n",
		(map { /;;/ ? "$_\n" : "$_;;\n" } @insns), "br.ret.sptk.many b0;;\n.endp $function\n";
	close $s;
	my $said = `ia64-linux-gnu-as -o $dir/$path $dir/s.s 2>&1`;
	die $said if $?;
}

# (status, what it said) of a check.
sub check {
	my $said = `$scripts/@_ 2>&1`;

	return ($? >> 8, $said);
}

sub check_linked {
	system("ia64-linux-gnu-ld -Ttext 0x4000000 -o $dir/vmlinux $dir/*.o $dir/kernel/*.o") == 0
		or die "ld\n";
	return check('check-sites', "$dir/vmlinux", $dir);
}

my @privileged = ('ssm psr.i', 'rsm psr.i', '(p6) ssm psr.i', 'mov r8=psr', 'mov psr.l=r8',
	'mov r8=cr.ivr', 'mov cr.itm=r8', 'mov.m r8=ar.itc', 'mov.m ar.itc=r8', 'mov ar.k3=r8',
	'mov r8=rr[r9]', 'mov rr[r8]=r9', 'mov dbr[r8]=r9', 'mov r8=ibr[r9]', 'mov r8=pkr[r9]',
	'mov pmc[r8]=r9', 'mov r8=pmd[r9]', 'mov r8=cpuid[r9]', 'itc.d r8', 'itc.i r8',
	'itr.d dtr[r8]=r9', 'itr.i itr[r8]=r9', 'ptr.d r8,r9', 'ptc.l r8,r9', 'ptc.ga r8,r9',
	'ptc.e r8', 'thash r8=r9', 'ttag r8=r9', 'tpa r8=r9', 'tak r8=r9');

# The whole kernel: check-sites.
object('kernel/none.o', 'none', 'nop 0');
for my $insn (@privileged) {
	object('a.o', '_start', 'add r8=r9,r10', sprintf($site, $insn));
	my ($status, $said) = check_linked();
	is($status, 0, "$insn: as a site it may be there") or diag($said);

	object('a.o', '_start', sprintf($site, $insn), $insn);
	($status, $said) = check_linked();
	is($status, 1, "$insn: not a site: the build ends");
	like($said, qr/: 0x\w+ <_start>: .*: not a site\n/, "$insn: and says where");
}
object('a.o', '_start', 'mov r8=ip', 'mov r8=ar.k6', 'mov ar.ccv=r8', 'mov r8=pr', 'sum psr.ac',
	'mov r9=psr.um', 'probe.r r8=r9,3', 'fc r8');
is((check_linked())[0], 0, 'what is not privileged may be there');

object('a.o', '_start', 'nop 0');
object('kernel/ivt.o', 'native_entry', 'rfi');
is((check_linked())[0], 0, 'what only hardware executes may be there');
unlink "$dir/kernel/ivt.o";
object('kernel/pal.o', 'native_entry', 'rfi');
is((check_linked())[0], 1, 'rfi in another file may not');

# A module: check-sites, too. It is not linked, so each of its sections begins at 0.
sub check_module {
	open my $s, '>', "$dir/s.s" or die "$dir/s.s: $!\n";
	print $s ".explicit\n.section \"__pv_sites\", \"a\"\n.previous\n", @_;
	close $s;
	system("ia64-linux-gnu-as -o $dir/m.o $dir/s.s && ia64-linux-gnu-ld -r -o $dir/m.ko $dir/m.o")
		== 0 or die "as, ld\n";
	return check('check-sites', "$dir/m.ko");
}

my ($ssm, $init) = (sprintf($site, 'ssm psr.i'), '.section .init.text, "ax"');
my ($status, $said) = check_module(".text\nf:\n$ssm\n$init\ng:\nnop 0;;\n$ssm\n");
is($status, 0, 'a module with sites in two sections passes') or diag($said);
like($said, qr/m\.ko: 2 sites/, 'and they are counted');
is((check_module("f: nop 0;;\n"))[0], 0, 'a module without any passes');
for my $insn (@privileged) {
	($status, $said) = check_module(".text\nf:\n$ssm\n$init\ng:\n$insn;;\n");
	is($status, 1, "$insn: not a site in a module, where another section has one: the build ends");
	like($said, qr/m\.ko: \.init\.text\+0x0 <g>: .*: not a site\n/, "$insn: and says where");
}

# What is assembled twice: check-paravirt.
object('kernel/ivt.o', 'f', 'ssm psr.i', 'rfi', 'cover', 'bsw.1');
for my $insn (@privileged, 'rfi', 'cover', 'bsw.0', 'bsw.1') {
	next if $insn =~ /=ar\.itc|=pmd|=cpuid/;
	object('kernel/xen-ivt.o', 'f', 'break 0x01', $insn);
	($status, $said) = check('check-paravirt', "$dir/kernel", 'ivt:xen-ivt');
	isnt($status, 0, "$insn: in the version for Xen, the build ends");
	like($said, qr/xen-ivt\.o: privileged instructions are left/, "$insn: and says where");
}
object('kernel/xen-ivt.o', 'f', 'break 0x01', 'mov r8=r9');
($status, $said) = check('check-paravirt', "$dir/kernel", 'ivt:xen-ivt');
is($status, 0, 'nothing privileged is left: it passes');
like($said, qr/ivt\.S: 4 privileged instructions; for Xen: 0/, 'and counts');

done_testing;
