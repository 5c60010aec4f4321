#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Those who look on while a domain runs, of both kinds: a debugger, a trace, the map for perf(1).
use strict;
use warnings;

use Test::More;

use Commands;
use Paravane qw(free_port program run_program);

my %kind = (
	pv => { kernel => "$ENV{PARAVANE_BUILD}/tests/cli/guest", memory => 64,
		trace => 'faults,interrupts',
		line => qr/^0 \d+ fault '[^']+' isr=\S+ ifa=\S+ ip=0x10100[0-9a-f]+\.\d <_start/m },
	hvm => { kernel => "$ENV{PARAVANE_BUILD}/tests/cli/machine", memory => 96,
		trace => 'mmio,interrupts',
		line => qr/^0 \d+ mmio write pa=\S+ size=1 value=\S+ ip=0x40[0-9a-f]+\.\d <\w+/m },
);

# What gdb says to the commands.
sub gdb {
	my ($kernel, @commands) = @_;
	my $script = file('commands', join "\n", 'set pagination off', 'set confirm off',
		'set remotetimeout 600', "file $kernel", @commands, '');

	return scalar `gdb-multiarch -nx -batch -x $script 2>&1`;
}

sub slurp {
	my ($path) = @_;

	open my $file, '<', $path or return '';
	local $/;
	return <$file> // '';
}

for my $name (sort keys %kind) {
	my $k = $kind{$name};
	my $config = file("$name.cfg", "name='$name'\ntype='$name'\nmemory=$k->{memory}\n"
		. "kernel='$k->{kernel}'\n");
	my $socket = "$dir/$name.gdb";
	my $said;

	# The debugger comes before the first instruction, and what is paused besides stays so.
	good('create', $config, "gdb=unix:$socket", "console=file:$dir/$name.out");
	is(slurp("$dir/$name.out"), '', "$name: it waits for the debugger");
	$said = gdb($k->{kernel}, "target remote $socket", 'x/i $pc', 'break wait', 'continue',
		'stepi', "shell @{[program()]} dump-core $name $dir/$name.core",
		"shell @{[program()]} pause $name; @{[program()]} unpause $name",
		'p $pc == (unsigned long)&wait + 1', 'detach');
	like($said, qr/in _start .*^=> \S+ <_start>:\s+\S/ms, "$name: at the entry, with its code");
	like($said, qr/Breakpoint 1, \S+ in _start /, "$name: a breakpoint");
	like($said, qr/^\$1 = 1$/m, "$name: it stands still whatever others do to the domain");
	like($said, qr/detached/, "$name: detach");
	ok(-s "$dir/$name.core", "$name: a core meanwhile");
	my $console = console($name);
	$console->expect(qr/ready/);
	$console->type('x');
	$console->expect(qr/x/);
	pass("$name: it runs on");

	# A restart waits for a debugger again. kill ends the domain.
	$console->type('r');
	for (1 .. $Paravane::patience * 20) {
		last if domains()->{$name}{restarts};
		select undef, undef, undef, 0.05;
	}
	$said = gdb($k->{kernel}, "target remote $socket", 'kill');
	like($said, qr/in _start /, "$name: a restart stands at the entry");
	is($console->finish, 0, "$name: kill ends the domain");
	wait_gone($name);
	ok(!-e $socket, "$name: the socket goes with it");

	# A port; a domain that is destroyed under the debugger.
	my $port = free_port();
	good('create', $config, "gdb=$port");
	$said = gdb($k->{kernel}, "target remote 127.0.0.1:$port",
		"shell @{[program()]} destroy $name", 'stepi');
	like($said, qr/in _start /, "$name: by TCP");
	ok(!domains()->{$name}, "$name: destroy needs no leave of the debugger");

	# Traces: to a file, over a restart; to standard error; to the process's log.
	good('create', $config, "trace=$k->{trace}", "trace_file=$dir/$name.trace");
	$console = console($name);
	$console->expect(qr/ready/);
	my $before = slurp("$dir/$name.trace");
	$console->type('r');
	$console->expect(qr/ready/);
	good('destroy', $name);
	like($before, $k->{line}, "$name: trace_file");
	like(slurp("$dir/$name.trace"), qr/^\Q$before\E.*^0 \d+ (fault|mmio) /ms,
		"$name: trace_file: a restart adds to it");
	good('create', $config, "trace=$k->{trace}");
	$console = console($name);
	$console->expect(qr/ready/);
	good('destroy', $name);
	like(good('dmesg', $name), $k->{line}, "$name: trace: into the log");

	my $here = Paravane->start_program(program(), 'create', '--kernel', $k->{kernel}, '--type',
		$name, '--memory', $k->{memory}, '--trace', $k->{trace}, '--name', $name,
		'--perf-map');
	$here->expect(qr/ready/);
	my ($pid) = good('info') =~ /pid (\d+)/;
	$here->type('q');
	is($here->finish, 0, "$name: --trace: status 0");
	like($here->errors, $k->{line}, "$name: --trace: on standard error");

	# Translations are named if there is a translator.
	my $map = slurp("/tmp/perf-$pid.map");
	like($map, qr/^([0-9a-f]+ [0-9a-f]+ \S.*\n)*$/, "$name: --perf-map: lines as perf(1) reads them");
	ok(-e "/tmp/perf-$pid.map", "$name: --perf-map: for the host process");
	unlink "/tmp/perf-$pid.map";
}

bad(qr/gdb: 'nowhere'; accepted: a TCP port from 1 to 65535 or unix:PATH/, 'config-check',
	"$dir/pv.cfg", 'gdb=nowhere');
bad(qr/trace: 'faults,nothing'; accepted: a list, divided by commas, of faults, /, 'config-check',
	"$dir/pv.cfg", 'trace=faults,nothing');
bad(qr/perf_map: '2'; accepted: 0 or 1/, 'config-check', "$dir/pv.cfg", 'perf_map=2');
bad(qr{gdb: unix:/nowhere/gdb: No such file}, 'create', "$dir/pv.cfg", 'gdb=unix:/nowhere/gdb');
bad(qr{trace_file /nowhere/trace: No such file}, 'create', "$dir/pv.cfg", 'trace=faults',
	'trace_file=/nowhere/trace');

done_testing;
