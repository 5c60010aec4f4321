#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Processors go and come while they work, and interrupts go where they are sent, as a machine and as
# a domain of four.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use Paravane;

my $dir = tempdir(CLEANUP => 1);
my $disk = "$dir/disk";

$ENV{XDG_RUNTIME_DIR} = $dir;
open my $file, '>', $disk or die "$disk: $!\n";
truncate $file, 16 << 20 or die "$disk: $!\n";
close $file;

for my $kind (qw(hvm pv)) {
	my $g = $kind eq 'hvm'
		? Paravane->boot('--vcpus', 4, '--memory', '512M', '--disk', $disk)
		: Paravane->boot_as('pv', '--vcpus', 4, '--memory', '512', '--disk',
			"$disk,raw,xvda,w");
	my ($device, $name) = $kind eq 'hvm' ? ('vda', 'virtio\d+-req\.0|virtio\d+$')
		: ('xvda', 'blkif');

	# Interrupts of the disk, which may have several, on each processor in turn.
	my @irqs = $g->command('cat /proc/interrupts') =~ /^ *(\d+):.*(?:$name)/mg;
	ok(@irqs > 0, "$kind: the disk has interrupts") or next;
	my $send = sub {
		$g->command("for i in @irqs; do echo $_[0] >/proc/irq/\$i/smp_affinity; done");
	};
	my $read = sub {
		$g->command('echo 3 >/proc/sys/vm/drop_caches;'
			. " dd if=/dev/$device of=/dev/null bs=16k count=$_[0] 2>/dev/null");
	};
	my $count = sub {
		my ($head, @lines) = split /\n/, $g->command('cat /proc/interrupts');
		my @online = $head =~ /CPU(\d+)/g;
		my ($column) = grep { $online[$_] == $_[0] } 0 .. $#online;
		my $sum = 0;

		return 0 if !defined $column;
		$sum += (split)[$column + 1] for grep { /$name/ } @lines;
		return $sum;
	};
	# How many come here and how many elsewhere while the disk is read.
	my $spread = sub {
		my ($cpu, $blocks) = @_;
		my ($here, $all) = (0, 0);
		$_ == $cpu ? ($here -= $count->($_)) : ($all -= $count->($_)) for 0 .. 3;
		$read->($blocks);
		$_ == $cpu ? ($here += $count->($_)) : ($all += $count->($_)) for 0 .. 3;
		return ($here, $all);
	};
	# The first that comes after a change still comes where it was sent, and makes the change;
	# so may others that are on their way then.
	my $bind = sub {
		$send->(sprintf '%x', 1 << $_[0]);
		$read->(1) for 1 .. 2;
	};
	for my $cpu (0 .. 3) {
		$bind->($cpu);
		my ($here, $all) = $spread->($cpu, 64);
		cmp_ok($here, '>=', 1, "$kind: its interrupts go to processor $cpu");
		is($all, 0, "$kind: and to no other");
	}

	# They are with processor 3 only. It goes: so must they. It comes back: they need not.
	my $online = sub { $g->command("echo $_[1] >/sys/devices/system/cpu/cpu$_[0]/online") };
	is($online->(3, 0), '', "$kind: the processor they go to is taken away");
	my ($here, $all) = $spread->(3, 64);
	cmp_ok($all, '>=', 1, "$kind: they go to another, and the disk is read");
	is($online->(3, 1), '', "$kind: the processor comes back");
	$bind->(3);
	# A change that waits for the next interrupt, which may come before or after it is gone.
	$send->('2');
	is($online->(3, 0), '', "$kind: it is taken away, a change has not been made yet");
	$read->(1) for 1 .. 2;
	($here, $all) = $spread->(1, 64);
	cmp_ok($here, '>=', 1, "$kind: they go where they were sent");
	is($all, 0, "$kind: and nowhere else");
	is($online->(3, 1), '', "$kind: the processor comes back again");
	$g->no_complaints("$kind: the kernel does not complain about that");
	$send->('f');
	$read->(1) for 1 .. 2;

	# Work on all of them, and on the disk, while three of them go and come.
	$g->command('for i in 1 2 3 4 5 6; do (while [ ! -e /tmp/stop ]; do'
		. ' seq 1 2000 | md5sum; done | sort -u >/tmp/sums$i) & done');
	$g->command("(while [ ! -e /tmp/stop ]; do echo 3 >/proc/sys/vm/drop_caches;"
		. " dd if=/dev/$device bs=64k count=16 2>/dev/null | md5sum; done | sort -u"
		. ' >/tmp/sums7) &');
	my $out = $g->command('for i in 1 2 3 4 5; do for c in 3 1 2; do'
		. ' echo 0 >/sys/devices/system/cpu/cpu$c/online || echo $c stays; done;'
		. ' nproc; for c in 1 2 3; do'
		. ' echo 1 >/sys/devices/system/cpu/cpu$c/online || echo $c is away; done;'
		. ' nproc; done');
	is($out, "1\n4\n" x 5, "$kind: three processors go and come five times under load");
	$g->command('touch /tmp/stop; wait');
	is($g->command('cat /tmp/sums? | sort -u | wc -l'), "2\n", "$kind: all computed the same");
	is($g->command('for c in 0 1 2 3; do taskset -c $c sh -c "echo here"; done | wc -l'), "4\n",
		"$kind: all work");
	$g->no_complaints("$kind: the kernel does not complain");
	$g->type("poweroff\n");
	is($g->finish, 0, "$kind: poweroff");
}

done_testing;
