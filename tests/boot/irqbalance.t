#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's irqbalance spreads the interrupts of busy disks over four processors, in a domain and in a
# machine: it changes their affinity, and their counts go on where it has sent them.
use strict;
use warnings;

use File::Temp qw(tempdir);
use List::Util qw(uniq);
use Test::More;

use Paravane qw(product);

my $image = eval { product('irqbalance') }
	or plan skip_all => 'there is no irqbalance: guest/build irqbalance';
my $dir = tempdir(CLEANUP => 1);
# Twice as many as there are processors.
my @disks = map { "$dir/disk$_" } 1 .. 8;

$ENV{XDG_RUNTIME_DIR} = $dir;
for my $disk (@disks) {
	open my $file, '>', $disk or die "$disk: $!\n";
	truncate $file, 1 << 20 or die "$disk: $!\n";
}

for my $kind (qw(pv hvm)) {
	my @letters = ('b' .. 'i');
	my $g = $kind eq 'pv' ? Paravane->boot_as('pv', '--vcpus', 4, '--memory', '512',
			'--disk', "$image,raw,xvda,r",
			map { ('--disk', "$disks[$_],raw,xvd$letters[$_],w") } 0 .. $#disks)
		: Paravane->boot('--vcpus', 4, '--memory', '512M', '--disk', "$image,ro",
			map { ('--disk', $_) } @disks);
	my ($stem, $pattern) = $kind eq 'pv' ? ('xvd', 'blkif') : ('vd', 'virtio\d+-req');

	is(($g->command("mount -r /dev/${stem}a /mnt"))[1], 0, "$kind: the disk with irqbalance");
	my @irqs = $g->command('cat /proc/interrupts') =~ /^ *(\d+):.*$pattern/mg;
	cmp_ok(@irqs, '>', @disks, "$kind: the disks have interrupts");
	# How many of them each processor has had.
	my $counts = sub {
		my @sum = (0) x 4;

		for my $line (grep { /$pattern/ } split /\n/, $g->command('cat /proc/interrupts')) {
			my (undef, @n) = split ' ', $line;
			$sum[$_] += $n[$_] for 0 .. 3;
		}
		return @sum;
	};
	my $affinity = sub {
		return map { hex } split ' ', $g->command("cd /proc/irq; for i in @irqs; do"
			. ' cat $i/smp_affinity; done; cd');
	};

	# All of them on the first processor, and work.
	$g->command("for i in @irqs; do echo 1 >/proc/irq/\$i/smp_affinity; done");
	is(join(' ', uniq $affinity->()), '1', "$kind: all are sent to processor 0");
	$g->command("for d in @letters[0 .. $#disks]; do (while [ ! -e /tmp/stop ]; do"
		. " dd if=/dev/$stem\$d of=/dev/null bs=16k iflag=direct 2>/dev/null; done) &"
		. ' done');
	# What was on its way may still come where it was sent before.
	my (@start, @now);
	for (1 .. 20) {
		@start = $counts->();
		@now = $counts->() until @now && $now[0] > $start[0] + 500;
		last if "@now[1 .. 3]" eq "@start[1 .. 3]";
	}
	is("@now[1 .. 3]", "@start[1 .. 3]", "$kind: no other processor gets one");

	# It looks once a second.
	$g->command('/mnt/irqbalance --foreground --interval=1 >/tmp/log 2>&1 & balance=$!');
	my @begin = @now;
	my ($moved, @sent);
	for (1 .. 120) {
		$g->command('sleep 1');
		@sent = $affinity->();
		@now = $counts->();
		$moved = grep { $now[$_] - $begin[$_] > 100 } 0 .. 3;
		last if $moved == 4 && uniq(@sent) == 4;
	}
	is(join(' ', sort { $a <=> $b } uniq @sent), '1 2 4 8',
		"$kind: irqbalance has sent them to four processors");
	is($moved, 4, "$kind: which all get them") or diag "from @begin to @now";
	is(($g->command('kill $balance; wait $balance'))[1], 0, "$kind: irqbalance ends when asked to")
		or diag $g->command('cat /tmp/log');

	$g->command('touch /tmp/stop; wait');
	$g->no_complaints("$kind: the kernel does not complain");
	$g->type("poweroff\n");
	is($g->finish, 0, "$kind: poweroff");
}

done_testing;
