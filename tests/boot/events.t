#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# INIT and machine checks as Linux takes them, made to happen by the keys of the console and by gdb.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);

use Paravane qw(program product);

my $dir = tempdir(CLEANUP => 1);

# A terminal, as only there Ctrl-] is an escape: script(1) makes one, and ends with the status.
sub boot {
	my @command = (program(), 'run', '--kernel', product('kernel'), '--initrd',
		product('initrd'), '--append', 'console=ttyS0', '--memory', '512M', @_);
	my $g = Paravane->start_program('script', '-qec', join(' ', map { "'$_'" } @command),
		'/dev/null');

	return $g->login;
}

# Has gdb attach to the machine, run the commands and go; returns what it said.
sub gdb {
	my @commands = @_;

	open my $file, '>', "$dir/commands" or die "$dir/commands: $!
";
	print $file join "
", 'set architecture ia64-elf64', "target remote $dir/gdb", @commands,
		"detach
";
	close $file;
	return scalar `gdb-multiarch -nx -batch -x $dir/commands 2>&1`;
}

for my $vcpus (1, 4) {
	my $t = "$vcpus processor" . ($vcpus > 1 ? 's' : '');
	my $g = boot('--vcpus', $vcpus);

	# Linux waits 5 seconds, then shows the stack of every task.
	$g->type("\x1di");
	$g->expect(qr/Processes interrupted by INIT/);
	$g->expect(qr/Backtrace of pid \d+ \(sh\).*?Call Trace/s);
	pass("$t: INIT shows the tasks");
	my $last = $vcpus - 1;
	like($g->command("for c in \$(seq 0 $last); do taskset -c \$c echo on \$c; done"),
		qr/@{[join '\n', map { "on $_" } 0 .. $last]}\n$/, "$t: and every one goes on");

	my ($before) = $g->command('cat /proc/interrupts') =~ /:\s+(\d+).*cmc_hndlr/;
	$g->type("\x1dc");
	my ($after) = $g->command('sleep 1; cat /proc/interrupts') =~ /:\s+(\d+).*cmc_hndlr/;
	is($after, $before + 1, "$t: a corrected machine check is an interrupt");

	# Linux has the other processors come to SAL, takes the record and asks for a reset.
	$g->type("\x1dM");
	$g->expect(qr/Entered OS MCA handler/);
	$g->expect(qr/All OS MCA slaves have reached rendezvous/);
	pass("$t: a machine check comes to the OS");
	is($g->finish, 3, "$t: one that is not contained resets the machine");
}

# Memory that a process uses cannot be read: Linux ends the process, if it is not in the kernel.
SKIP: {
	my $g = Paravane->start('--kernel', product('kernel'), '--initrd', product('initrd'),
		'--append', 'console=ttyS0', '--gdb', "unix:$dir/gdb");

	sleep 0.1 while !-e "$dir/gdb";
	gdb();
	$g->login;
	if ($g->command('zcat /proc/config.gz | grep -c ^CONFIG_IA64_MCA_RECOVERY=y') !~ /^1/) {
		$g->type("poweroff\n");
		$g->finish;
		skip 'the kernel has no CONFIG_IA64_MCA_RECOVERY', 3;
	}
	$g->type("sh -c 'echo run''ning; while :; do :; done'; echo status=\$?.\n");
	$g->expect(qr/running/);
	my $said = gdb('while (unsigned long)$ip > 0xa000000000000000', 'stepi', 'end',
		'monitor inject mca-memory');
	$g->expect(qr/status=(\d+)\./);
	is($g->{matched}[0], 137, 'memory that cannot be read kills the process that uses it')
		or diag $said;
	like($g->command('dmesg | tail -n 20'), qr/OS_MCA: process .*\(sh\) encounters MCA/,
		'which the kernel tells of');
	$g->type("poweroff\n");
	is($g->finish, 0, 'nothing else is harmed');
}

done_testing;
