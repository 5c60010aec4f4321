# SPDX-License-Identifier: GPL-2.0-or-later
# What the measurements share: processor time of processes, rates, programs on this machine.
#
# Time is processor time wherever possible: other work on the machine lengthens the other kind.
package Bench;
use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use List::Util qw(min sum0);
use Time::HiRes qw(clock_gettime);

use Paravane qw(product);

our @EXPORT_OK = qw(settle used host_process measure rate program native
	asked asked_since show);

# Takes the products named as they are now: a run may be long, and people edit what they are made of.
sub settle {
	$ENV{'PARAVANE_' . uc =~ tr/-/_/r} = product($_) for @_;
}

# Seconds of processor time that a process has used so far, with all its threads. The number of the
# clock is what clock_getcpuclockid(3) makes.
sub used {
	my ($pid) = @_;
	my $seconds = clock_gettime((-$pid - 1) * 8 + 2);

	die "process $pid has gone\n" if $seconds < 0;
	return $seconds;
}

# The process that executes a domain, from the log that it and those before it keep.
sub host_process {
	my ($name) = @_;

	open my $log, '<', "$ENV{XDG_RUNTIME_DIR}/paravane/$name/log"
		or die "no log of the host process of $name: $!\n";
	my @pids = join('', <$log>) =~ /process (\d+)/g or die "$name: no process in its log\n";
	return $pids[-1];
}

# A command in the guest $g, which process $pid executes: (its output, seconds of processor time).
sub measure {
	my ($g, $pid, $command) = @_;
	my $from = used($pid);
	my ($output, $status) = $g->command($command);
	my $used = used($pid) - $from;

	die "in the guest: $command: status $status: $output\n" if $status;
	return ($output, $used);
}

# Instructions retired in a microsecond of processor time, by what --trace counters said between two
# readings of the program's clock; undef if it said too little.
sub rate {
	my ($g, $from, $to) = @_;
	my $text = $g->errors;
	my %sum;

	$sum{$2} += $1 while $text =~ /^\d+ (\d+) counters seconds=\S+ cpu=([\d.]+) /mg;
	my @in = grep { $_ > $from && $_ < $to } sort { $a <=> $b } keys %sum;
	return undef if @in < 2;
	return ($sum{$in[-1]} - $sum{$in[0]}) / ($in[-1] - $in[0]) / 1e6;
}

# What a program of bench/programs says of itself: (seconds of processor time, checksum).
sub program {
	my ($output) = @_;
	my (undef, undef, $used, $sum) = split ' ', $output;

	die "a program's output was \"$output\"\n" if !defined $sum;
	return ($used, $sum);
}

# A program of bench/programs on one processor of this machine: (seconds of processor time, the
# least of several runs; checksum).
sub native {
	my ($command, $runs) = @_;
	my $here = product('bench-host');
	my ($sum, @used);

	for (1 .. $runs) {
		my $output = `cd $here && taskset -c 0 $command`;
		die "$here: $command failed\n" if $?;
		(my $used, $sum) = program($output);
		push @used, $used;
	}
	return (min(@used), $sum);
}

# What a domain has asked its hypervisor for so far: {name} = number.
sub asked {
	my ($domain) = @_;
	my $answer = decode_json(join '', `'$ENV{PARAVANE}' debug --json $domain privops`);
	my %count = %{$answer->{hypercalls}};

	for my $vcpu (@{$answer->{vcpu}}) {
		$count{$_} += $vcpu->{hyperprivops}{$_} for keys %{$vcpu->{hyperprivops}};
		$count{"$_->{instruction} (emulated)"} += $_->{count} for @{$vcpu->{sites}};
	}
	return \%count;
}

# What it has asked for since $before, while it did $done of something: the number for one, of all
# and of each kind that matters.
sub asked_since {
	my ($domain, $before, $done) = @_;
	my $count = asked($domain);

	$count->{$_} = ($count->{$_} - ($before->{$_} // 0)) / $done for keys %$count;
	my @most = sort { $count->{$b} <=> $count->{$a} || $a cmp $b } keys %$count;
	return sprintf '%8.2f: %s', sum0(values %$count), join ', ',
		map { sprintf '%s %.2f', $_, $count->{$_} } grep { $count->{$_} >= 0.05 } @most;
}

# A value in a column, which stays empty without one.
sub show {
	my ($format, $value) = @_;
	my $empty = sprintf $format =~ s/%([\d]*)[.\d]*[a-z]/%$1s/r, '';

	return defined $value ? sprintf $format, $value : $empty;
}

1;
