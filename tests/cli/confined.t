#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Domains where the kernel has not all that confines a process: everything works all the same, and the
# process is still refused what the others were to refuse.
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep);

use Commands;
use Paravane qw(program);

my $without = "$ENV{PARAVANE_BUILD}/tests/cli/without";
my %kind = (
	pv => file('pv.cfg', "name='pv'\nmemory=64\nkernel='$ENV{PARAVANE_BUILD}/tests/cli/guest'\n"),
	hvm => file('hvm.cfg', "name='hvm'\ntype='hvm'\nmemory=96\n"
		. "kernel='$ENV{PARAVANE_BUILD}/tests/cli/machine'\n"),
);

sub slurp { local (@ARGV, $/) = @_; return scalar <> }

for my $lacks ('', 'namespaces', 'landlock', 'namespaces landlock') {
	my @without = grep { length } split / /, $lacks;
	my $t = 'without ' . ($lacks || 'nothing');
	my $status = system($without, @without, '--', 'true') >> 8;

	SKIP: {
		skip "$t: this kernel cannot be asked for that", 1 if $status == 77;
		for my $name (sort keys %kind) {
			is(system($without, @without, '--', program(), 'create', $kind{$name},
				'vif=["link=wire"]', "console=unix:$dir/$name.sock",
				'on_crash="coredump-destroy"'), 0, "$t: create $name");
		}
		my $info = good('info');
		like($info, qr/: pv, pid \d+, sandbox: seccomp/, "$t: the filter is there");
		unlike($info, qr/: pv, .*$_/, "$t: no $_") for map { $_ eq 'landlock' ? 'Landlock' : $_ }
			@without;

		# Files by which others are reached are there while it runs, and go with it.
		my $console = console('pv');
		$console->expect(qr/ready: /);
		$console->type('x');
		$console->expect(qr/x/);
		like(slurp(glob "$dir/paravane/pv/console-*.log"), qr/^ready: /, "$t: a console's log");
		ok(-S "$dir/paravane/links/wire", "$t: a link between two processes");
		$console->type('c');
		is($console->finish, 0, "$t: a crash");
		is((my @cores = glob "$dir/state/paravane/pv-*.core"), 1, "$t: leaves a core");
		like(good('dmesg', 'pv'), qr/: core in \Q$cores[0]\E$/m, "$t: which is told by its name");
		unlink @cores;
		good('destroy', 'hvm');
		ok(!-e "$dir/$_.sock", "$t: console's socket: gone") for qw(pv hvm);
		for (1 .. $Paravane::patience * 20) {
			last if !grep { -S } glob "$dir/paravane/*/*";
			sleep 0.05;
		}
		is((grep { -S } glob "$dir/paravane/{pv,hvm}/*"), 0, "$t: no socket is left");
	}
}

# More than a log holds: old ones are kept, by the process that may.
good('create', $kind{pv});
my $console = console('pv');
$console->expect(qr/ready: /);
my ($log) = glob "$dir/paravane/pv/console-*.log";
for (1 .. 40) {
	$console->type('0123456789abdefg' x 2048);
	$console->expect(qr/(?:0123456789abdefg){2048}/);
	last if -e "$log.1";
}
ok(-e "$log.1", 'a log that is full begins anew');
is(-s "$log.1", 1 << 20, 'the old one is whole');
good('destroy', 'pv');

done_testing;
