#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's paravirtualization layer on hardware: its sites, and patching them.
use strict;
use warnings;

use Test::More;

use Paravane;

my $complaints = join '|', 'BUG', 'Oops', 'WARNING', 'Call Trace', 'paravirt: .*half done', 'paravirt: .*beside';
my %sites;

for my $mode (qw(native inline call)) {
	my $g = Paravane->boot('--vcpus', 4, '--memory', '512M', '--', "paravirt=$mode");

	pass("$mode: boots to a shell");
	my %count;
	$count{$_}++ for $g->command("awk '{ print \$2, \$3 }' /sys/kernel/debug/paravirt/sites")
		=~ /^(\S+ \S+)$/mg;
	my ($native, $patched) = (0, 0);
	for (keys %count) {
		$native += $count{$_} if / native$/;
		$patched += $count{$_} if / $mode$/;
	}
	$sites{$mode} = $native + ($mode eq 'native' ? 0 : $patched);
	cmp_ok($sites{$mode}, '>', 500, "$mode: sites are listed");
	if ($mode eq 'native') {
		is($patched, $native, "$mode: none is patched");
		cmp_ok($count{'ssm_i native'}, '>', 10, "$mode: ssm psr.i is among them");
	} else {
		is($sites{$mode}, $sites{native}, "$mode: as many as on hardware");
		cmp_ok($patched, '>', 300, "$mode: most are patched");
	}

	# Code with sites runs: interrupts, faults, task switches, a processor that goes and comes.
	is($g->command('(for i in $(seq 100); do (exit 1) & done; wait; echo done)'), "done\n",
		"$mode: 100 processes");
	is($g->command('dd if=/dev/zero bs=64k count=64 2>/dev/null | wc -c'), "4194304\n",
		"$mode: a pipe");
	is($g->command('for i in 1 2 3; do echo 0 >/sys/devices/system/cpu/cpu3/online;'
		. ' echo 1 >/sys/devices/system/cpu/cpu3/online; done; nproc'), "4\n",
		"$mode: a processor goes and comes back");
	is($g->command('modprobe dummy && rmmod dummy; echo $?'), "0\n", "$mode: a module");
	is($g->command("dmesg | grep -E '$complaints'"), '', "$mode: nothing to complain about");
	$g->type("poweroff\n");
	is($g->finish, 0, "$mode: powers off");
}

done_testing;
