#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A translation over one in a translation register is a machine check (SDM 2:4.1.1.4). An OS with a
# handler gets it and may go on; without one the machine ends with a report.
use strict;
use warnings;

use Test::More;

use Paravane qw(run_program);

for my $engine (qw(interpreter jit)) {
	my @run = ('run', '--console', 'file:/dev/null', '--engine', $engine, '--kernel');
	my ($status, $out, $err) = run_program(@run, "$ENV{PARAVANE_BUILD}/tests/overlap-guest");

	is($err, '', "$engine: the OS has a handler: no report");
	is($status, 0, "$engine: it gets the machine check once, and goes on");
	($status, $out, $err) = run_program(@run, "$ENV{PARAVANE_BUILD}/tests/overlap-bare-guest");
	is($status, 3, "$engine: without a handler: status 3");
	like($err, qr/vCPU 0: machine check: itr\.d of 0x2000000000010000 overlaps dtr\[3\]/,
		"$engine: what happened");
	like($err, qr/overlapping/, "$engine: and where");
}

done_testing;
