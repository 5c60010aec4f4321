#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A domain with memory above 4 GB: our own kernel, and an old one as it was published
# (PARAVANE_UPSTREAM_KERNEL, Linux 2.6.32 or so for Xen/ia64).
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);

use Paravane qw(program product run_program);

my $dir = tempdir(CLEANUP => 1);
$ENV{XDG_RUNTIME_DIR} = $ENV{XDG_STATE_HOME} = $dir;

# MB of all memory, as the kernel counts it; 0 when it says nothing of it.
sub total {
	my ($g) = @_;
	my ($kb) = $g->command('grep MemTotal /proc/meminfo') =~ /(\d+)/;

	return int(($kb // 0) / 1024);
}

# Until the guest's memory is in this range.
sub wait_total {
	my ($g, $from, $to, $name) = @_;
	my $is;

	for (1 .. 10 * $Paravane::patience) {
		$is = total($g);
		last if $is >= $from && $is <= $to;
		sleep 0.1;
	}
	cmp_ok($is, '>=', $from, $name);
	cmp_ok($is, '<=', $to, "$name: no more");
}

sub start {
	my ($kernel, $name, @append) = @_;

	return Paravane->start_program(program(), 'create', '--name', $name, '--kernel', $kernel,
		'--ramdisk', product('initrd'), '--memory', '8192', '--vcpus', '2', '--extra',
		"console=hvc0 @append");
}

sub memory_cases {
	my ($g, $t) = @_;
	my $before = total($g);

	cmp_ok($before, '>', 8000, "$t: finds all of its memory");
	like($g->command('cat /proc/iomem'), qr/^ff100000-1ff\w+ : System RAM/m,
		"$t: from behind the firmware to the end");
	# Linux gives out memory above 4 GB before that below.
	$g->command('mkdir /big; mount -t tmpfs -o size=6g none /big');
	my @sums = $g->command('seq 500000 | tee /big/file | md5sum; md5sum </big/file')
		=~ /^(\w+)/mg;
	is($sums[1], $sums[0], "$t: a file in memory");
	$g->command('umount /big');

	is((run_program('mem-set', $t, '6000m'))[0], 0, "$t: mem-set 6000");
	wait_total($g, 5500, 6000, "$t: its balloon takes memory");
	like((run_program('list', $t))[1], qr/^$t\s+\d+\s+(5999|6000) /m, "$t: list shows it");
	is((run_program('mem-set', $t, '8192m'))[0], 0, "$t: mem-set 8192");
	wait_total($g, $before - 32, $before, "$t: and gives it back");
	$g->no_complaints("$t: the kernel does not complain");
	is((run_program('dump-core', $t, "$dir/$t.core"))[0], 0, "$t: a core");
	cmp_ok((stat "$dir/$t.core")[12] / 2048, '<', 2048, "$t: without what was not used");
	unlink "$dir/$t.core";
}

my $g = start(product('kernel'), 'ours')->login;
memory_cases($g, 'ours');
$g->type("poweroff\n");
is($g->finish, 0, 'ours: powers off');

SKIP: {
	my $kernel = $ENV{PARAVANE_UPSTREAM_KERNEL};
	skip 'PARAVANE_UPSTREAM_KERNEL names no kernel', 1 if !$kernel;

	$g = start($kernel, 'upstream', 'rdinit=/bin/sh');
	$g->expect(qr/# /);
	$g->type("PS1= PS2=; stty -echo; echo rea''dy\n");
	$g->expect(qr/ready\s*\n/);
	$g->command('mount -t proc proc /proc; mount -t sysfs sysfs /sys');
	memory_cases($g, 'upstream');
	$g->type("poweroff -f\n");
	is($g->finish, 0, 'upstream: powers off');
}

done_testing;
