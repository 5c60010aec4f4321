#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel does for user space with four processors, as a machine and as a domain: processes,
# signals, threads, registers over interruptions, single steps, accesses that are not aligned, swapping. The programs
# are guest/userspace; each case of theirs is one here.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(product program complaints);

my $dir = tempdir(CLEANUP => 1);
my $swap = "$dir/swap";

$ENV{XDG_RUNTIME_DIR} = $dir;
open my $file, '>', $swap or die "$swap: $!\n";
truncate $file, 512 << 20 or die "$swap: $!\n";
close $file;

my %how = (
	hvm => ['run', '--initrd', product('initrd'), '--append',
		'console=ttyS0 quiet autorun=/dev/vda', '--memory', '256M',
		'--disk', product('userspace') . ',ro', '--disk', $swap],
	pv => ['create', '--ramdisk', product('initrd'), '--extra',
		'console=hvc0 quiet autorun=/dev/xvda', '--memory', '256',
		'--disk', product('userspace') . ',raw,xvda,r', '--disk', "$swap,raw,xvdb,w"],
);
my %cases;

for my $kind (qw(hvm pv)) {
	my ($command, @args) = @{$how{$kind}};
	my $g = Paravane->start_program(program(), $command, '--kernel', product('kernel'),
		'--vcpus', 4, @args);

	is($g->finish, 0, "$kind: powers off");
	my $log = $g->{log} =~ s/\r//gr;
	while ($log =~ /^(?:(ok)|FAIL) (\S+?)(:.*)?$/mg) {
		ok(defined $1, "$kind: $2") or diag($3 // '');
		$cases{$kind}++;
	}
	like($log, qr/^userspace: done$/m, "$kind: all programs ran");
	is(join("\n", complaints($log)), '', "$kind: the kernel does not complain");
}
cmp_ok($cases{hvm}, '>', 50, 'not less than there are');
is($cases{pv}, $cases{hvm}, 'the same cases in both');

done_testing;
