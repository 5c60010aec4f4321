#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that jumps to where no memory is: the callers, by its unwind tables.
use strict;
use warnings;

use Test::More;

use Paravane;

my $guest = "$ENV{PARAVANE_BUILD}/tests/unwind-guest";
my $run = Paravane->start('--kernel', $guest, '--console', 'file:/dev/null', '--timeout', 60);

is($run->finish, 3, 'status');
my $report = $run->errors;
like($report, qr/vCPU 0: instruction fetch at 0x0*70000000000 /, 'the reason');
like($report, qr/\bip 0*70000000000\b/, 'registers: ip');
like($report, qr/\br14 +0*70000000000\b/, 'registers: the address in r14');
like($report, qr/back trace:\n  #0 /, 'a back trace');
my @names = $report =~ /^  #\d+ +[0-9a-f]{16} (second|first|_start)\+0x[0-9a-f]+$/mg;
is_deeply(\@names, ['second', 'first', '_start'], 'callers, by the unwind tables');

done_testing;
