#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# INIT and machine checks as Linux takes them, made to happen by the keys of the console.
use strict;
use warnings;

use Test::More;

use Paravane qw(program product);

# A terminal, as only there Ctrl-] is an escape: script(1) makes one, and ends with the status.
sub boot {
	my @command = (program(), 'run', '--kernel', product('kernel'), '--initrd',
		product('initrd'), '--append', 'console=ttyS0', '--memory', '512M', @_);
	my $g = Paravane->start_program('script', '-qec', join(' ', map { "'$_'" } @command),
		'/dev/null');

	return $g->login;
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

done_testing;
