#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's paravirtualization layer, as a machine and as a domain: its sites, patching them in
# each way, modules with sites, processors that go and come, and that nothing is left in a domain's
# daily work that the hypervisor has to emulate.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(run_program);

my %sites;

$ENV{XDG_RUNTIME_DIR} = tempdir(CLEANUP => 1);

# The privileged instructions of a domain's that were emulated, by vCPU and place; but for ptc.l,
# which with more than one vCPU is emulated: its hyperprivop would wait for the others.
sub emulated {
	my ($name) = @_;
	my ($status, $said, $errors) = run_program('debug', $name, 'privops');

	diag($errors) if $status;
	return join '', grep { !/ (?:all|PTC_L) / } $said =~ /^(?:vCPU|emulated).*\n/mg;
}

# Processes, pipes, faults, the network, timers.
sub work {
	my ($g) = @_;

	$g->command('for i in $(seq 30); do (exit 1) & done; wait; dd if=/dev/zero bs=64k count=64'
		. ' 2>/dev/null | md5sum; for i in $(seq 30); do /bin/busybox true; done;'
		. ' ping -c 2 127.0.0.1; ping -c 1 -W 1 10.0.2.2; sleep 0.2; ls -lR /bin /etc /proc/self');
}

for my $case (['hvm', 'native'], ['hvm', 'inline'], ['hvm', 'call'],
	      ['pv', 'auto'], ['pv', 'call'], ['pv', 'native']) {
	my ($kind, $mode) = @$case;
	my $t = "$kind, $mode";
	my $shown = $mode eq 'auto' ? 'inline' : $mode;
	my $name = "paravirt-$mode";
	my $g = Paravane->boot_as($kind, '--vcpus', 4, '--memory', $kind eq 'hvm' ? '512M' : 512,
		$kind eq 'pv' ? ('--name', $name, '--vif', 'type=vif') : (), '--',
		"paravirt=$mode");

	pass("$t: boots to a shell");
	my %count;
	$count{$_}++ for $g->command("awk '{ print \$2, \$3 }' /sys/kernel/debug/paravirt/sites")
		=~ /^(\S+ \S+)$/mg;
	my ($native, $patched) = (0, 0);
	for (keys %count) {
		$native += $count{$_} if / native$/;
		$patched += $count{$_} if $shown ne 'native' && / $shown$/;
	}
	cmp_ok($native + $patched, '>', 500, "$t: sites are listed");
	$sites{$kind} //= $native + $patched;
	is($native + $patched, $sites{$kind}, "$t: as many as with other ways to patch");
	ok(!(grep { /^(?:-|\(null\)) / } keys %count), "$t: each with its operation");
	if ($mode eq 'native') {
		is($patched, 0, "$t: none is patched");
		cmp_ok($count{'ssm_i native'}, '>', 10, "$t: ssm psr.i is among them");
	} else {
		cmp_ok($patched, '>', 10 * $native, "$t: most are patched");
		is($count{"$_ native"} // 0, 0, "$t: all of $_") for $kind eq 'hvm'
			? qw(rsm_i get_psr_i get_itc thash)
			: qw(rsm_i get_psr_i set_psr_i get_itc thash ptc_ga set_itm spin);
	}

	cmp_ok($count{'spin ' . ($kind eq 'pv' ? $shown : 'native')} // 0, '>', 3,
		"$t: spin locks are sites, patched in a domain with several processors");

	# Code with sites runs: interrupts, faults, task switches, a processor that goes and comes.
	is($g->command('(for i in $(seq 100); do (exit 1) & done; wait; echo done)'), "done\n",
		"$t: 100 processes");
	is($g->command('dd if=/dev/zero bs=64k count=64 2>/dev/null | wc -c'), "4194304\n",
		"$t: a pipe");
	is($g->command('for i in 1 2 3; do echo 0 >/sys/devices/system/cpu/cpu3/online;'
		. ' echo 1 >/sys/devices/system/cpu/cpu3/online; done; nproc'), "4\n",
		"$t: a processor goes and comes back");
	is($g->command('taskset -c 3 sh -c "for i in \$(seq 20); do /bin/busybox true; done; echo 3"'),
		"3\n", "$t: and works");

	# A module: patched before it runs, listed while it is there.
	is($g->command('modprobe paravirt_bench loops=100; echo $?'), "0\n", "$t: a module");
	my @its = $g->command('grep "\[paravirt_bench\]" /sys/kernel/debug/paravirt/sites') =~ /(.+)/g;
	cmp_ok(@its, '>=', 14, "$t: has sites");
	is(!!(grep { / rsm_i +native / } @its), $mode eq 'native', "$t: as they should be");
	my $said = $g->command('dmesg | grep paravirt_bench:');
	like($said, qr/paravirt_bench: $_ +\d+ cycles/, "$t: they run: $_")
		for qw(rsm_i get_psr_i get_itc get_rr set_rr thash tpa ptc_l ptc_ga);
	is($g->command('rmmod paravirt_bench; grep -c paravirt_bench /sys/kernel/debug/paravirt/sites'),
		"0\n", "$t: and go with it");

	if ($kind eq 'pv' && $mode ne 'native') {
		work($g);
		my $before = emulated($name);
		work($g) for 1 .. 3;
		like($before, qr/^emulated +RSM /m, "$t: emulated before the kernel was patched");
		is(emulated($name), $before, "$t: and none since");
	}
	$g->no_complaints("$t: the kernel does not complain");
	$g->type("poweroff\n");
	is($g->finish, 0, "$t: powers off");
}

done_testing;
