#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# As many processors as there can be, however few the host has.
use strict;
use warnings;

use Test::More;

use Paravane;

my $g = Paravane->boot('--vcpus', 64, '--memory', '1024M');

pass('64 processors: boots to a shell');
is($g->command('nproc'), "64\n", 'nproc');
is($g->command('for c in 0 31 32 63; do taskset -c $c sh -c "cut -d\" \" -f39 /proc/self/stat";'
	. ' done | tr "\n" " "'), '0 31 32 63 ', 'work on some of them');
is($g->command('(for i in $(seq 64); do (exit 0) & done; wait; echo done)'), "done\n",
	'and on all of them');
# A slow host makes processors wait so long that the kernel says so.
$g->no_complaints('the kernel finds nothing wrong', qr/stall|lockup|Call Trace/);
$g->type("poweroff\n");
is($g->finish, 0, 'poweroff ends with status 0');

done_testing;
