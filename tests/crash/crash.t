#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that cannot go on: status 3, and a report of what happened, with registers, the bundle and
# a back trace.
use strict;
use warnings;

use Test::More;

use Paravane qw(run_program);

for my $engine (qw(interpreter jit)) {
	my ($status, $out, $err) = run_program('run', '--kernel',
		"$ENV{PARAVANE_BUILD}/tests/crash-guest", '--console', 'file:/dev/null',
		'--vcpus', 2, '--engine', $engine);
	my ($reason) = split /\n/, $err;

	is($status, 3, "$engine: status 3");
	is($out, '', "$engine: nothing on standard output");
	like($reason, qr/vCPU 0: .*handler.*vector 0x2c00.* table cannot be executed$/,
		"$engine: which processor, and what happened");
	like($err, qr/\[MII\].*> break\.m 0x0/s, "$engine: the bundle");
	like($err, qr/\b$_\b/, "$engine: $_")
		for qw(psr cfm b0 ar\.pfs ar\.bsp cr\.iva cr\.isr cr\.iip rr7);
	like($err, qr/\br32 +0+222\b/, "$engine: a stacked register's value");
	like($err, qr/\br34 +0+40000[0-9a-f]+\b/, "$engine: another's");
	like($err, qr/^back trace:\n( +#\d+ .*\n)+/m, "$engine: a back trace");
	like($err, qr/ outer\+0x20\b/, "$engine: with symbols");
}

done_testing;
