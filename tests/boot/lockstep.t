#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest boots and works with every 40th run of a translation done again by the interpreter: no run
# differs, and runs were compared. As a machine only: docs/jit.md says why.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(run_program);

my $compared = qr/^lockstep: vCPU 0: (\d+) runs compared, (\d+) not repeatable$/m;

$ENV{XDG_RUNTIME_DIR} = tempdir('/tmp/paravane-lockstep-XXXXXX', CLEANUP => 1);
my $g = Paravane->boot_as('hvm', '--check=lockstep=40', '--name', 'checked');

is($g->command('for i in 1 2 3 4 5; do ls -l /proc/[0-9]* 2>&1 | md5sum; done | wc -l'), "5\n",
	'programs run');
my $told = (run_program('debug', 'checked', 'jit'))[1];
$g->type("poweroff\n");
is($g->finish, 0, 'it powers off');
like($told, $compared, 'it says how often it compared');
cmp_ok(($told =~ $compared)[0] // 0, '>', 1000, 'runs were compared');
done_testing;
