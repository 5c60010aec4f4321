#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Domains on the processor: each hypercall as a guest makes it, several vCPUs, two domains with each other,
# and what becomes of a domain when it ends. The guests are the *.s beside this; tests/xen/domains runs them.
use strict;
use warnings;

use File::Temp qw(tempdir);
use IPC::Open2;

$| = 1;
my $build = "$ENV{PARAVANE_BUILD}/tests/xen";
my $dir = tempdir(CLEANUP => 1);
my $patience = $ENV{PARAVANE_PATIENCE} || 600;
my ($cases, $from, $to, $pid, @events) = (0);

sub case {
	my ($ok, $name, @why) = @_;

	$cases++;
	print $ok ? '' : 'not ', "ok $cases - $name\n";
	print "# $_\n" for $ok ? () : @why;
	return $ok;
}

sub start { $pid = open2($from, $to, "$build/domains"); @events = () }

sub stop {
	close $to;
	waitpid $pid, 0;
	return $?;
}

# The answer to a command; comments before it are dropped, events kept.
sub command {
	my ($text) = @_;

	print $to "$text\n";
	$to->flush;
	while (my $line = <$from>) {
		chomp $line;
		push @events, $line if $line =~ /^event/;
		return $line if $line =~ /^(ok|error)/;
	}
	return 'died';
}

sub create {
	my ($id, $guest, %with) = @_;
	my $vcpus = $with{vcpus} // 1;

	my $memory = $with{memory} // 64;
	return command("create $id d$id $build/$guest.elf $memory $vcpus $vcpus file:$dir/out$id " .
		"$with{engine} " . ($with{policy} // 'destroy,restart,preserve') .
		(defined $with{extra} ? " - $with{extra}" : ''));
}

sub output {
	my ($id) = @_;

	open my $file, '<', "$dir/out$id" or return ();
	return map { chomp; $_ } <$file>;
}

# The cases a guest has printed.
sub adopt {
	my ($id, $title) = @_;
	my @lines = output($id);

	for my $n (0 .. $#lines) {
		my ($not, $name) = $lines[$n] =~ /^(not )?ok - (.*)/ or next;

		case(!$not, "$title: $name", $lines[$n + 1] // '');
	}
	case(@lines && $lines[-1] eq 'end', "$title: to the end", @lines[-3 .. -1]);
}

sub field {
	my ($id, $name) = @_;

	return command("info $id") =~ /\b$name=(\S*)/ ? $1 : 'no such domain';
}

sub is {
	my ($got, $want, $name) = @_;

	case($got eq $want, $name, "wanted $want, got $got");
}

for my $engine (qw(interpreter jit)) {
	for my $guest (['calls', 1], ['smp', 4]) {
		start();
		create(1, $guest->[0], engine => $engine, vcpus => $guest->[1]);
		command('unpause 1');
		is(command("wait 1 gone $patience"), 'ok', "$guest->[0], $engine: it ends");
		is(stop(), 0, "$guest->[0], $engine: and the process");
		adopt(1, "$guest->[0], $engine");
	}
	start();
	create(1, 'granter', engine => $engine);
	create(2, 'mapper', engine => $engine);
	command("unpause $_") for 2, 1;
	is(command("wait 1 gone $patience"), 'ok', "granter, $engine: it ends");
	is(command("wait 2 gone $patience"), 'ok', "mapper, $engine: it ends");
	is(stop(), 0, "two domains, $engine: and the process");
	adopt(1, "granter, $engine");
	adopt(2, "mapper, $engine");
}

# --- memory above 4 GB ---

# KB of memory files that the process has touched.
sub touched {
	open my $status, '<', "/proc/$pid/status" or return 0;
	return (map { /^RssShmem:\s+(\d+)/ ? $1 : () } <$status>)[0];
}

for my $engine (qw(interpreter jit)) {
	start();
	create(1, 'big', engine => $engine, memory => 8192);
	command('unpause 1');
	for (1 .. 10 * $patience) {
		last if ((output(1))[-1] // '') eq 'end';
		select undef, undef, undef, 0.1;
	}
	adopt(1, "big, $engine");
	is(field(1, 'memory'), 8192, "big, $engine: its memory in MB");
	my $before = touched();
	is(command("core 1 $dir/big-$engine"), 'ok', "big, $engine: a core");
	case(touched() - $before < 65536, "big, $engine: takes no memory for what nobody has touched");
	case((stat "$dir/big-$engine")[12] < 131072, "big, $engine: nor blocks of the disk");
	my $gdb = `gdb-multiarch -nx -batch -ex 'set osabi GNU/Linux' -ex 'core $dir/big-$engine' -ex 'x/1xg 0xe0000001fffec000' 2>&1`;
	case($gdb =~ /0x0*6666\b/, "big, $engine: GDB finds its last page", split /\n/, $gdb);
	is(command('destroy 1'), 'ok', "big, $engine: destroy");
	for my $mb (4080, 4081, 4082, 1 << 20) {
		is(create(2, 'life', engine => $engine, memory => $mb, extra => 'poweroff'), 'ok',
			"$mb MB, $engine: is built");
		is(field(2, 'memory'), $mb, "$mb MB, $engine: its memory");
		command('unpause 2');
		is(command("wait 2 gone $patience"), 'ok', "$mb MB, $engine: it runs");
	}
	is(stop(), 0, "big, $engine: and the process");
}

# --- ends, policies ---

my %with = (engine => 'interpreter');
start();
create(1, 'life', %with, extra => 'hang', policy => 'preserve,restart,preserve');
is(field(1, 'state'), '--p---', 'a new domain is paused');
is(command('unpause 1'), 'ok', 'unpause');
is(create(1, 'life', %with, extra => 'hang') =~ /^error/ ? 1 : 0, 1, 'another cannot have its id');
is(create(2, 'life', %with, extra => 'hang'), 'ok', 'one more domain');
is(command('rename 2 d1') =~ /another domain has it/ ? 1 : 0, 1, 'nor its name');
is(command('rename 2 other'), 'ok', 'rename');
is(field(2, 'name'), 'other', 'its new name');
is(command('get /local/domain/2/name'), 'ok other', 'in the store too');
is(command('pause 1'), 'ok', 'pause a domain that hangs');
is(field(1, 'state'), '--p---', 'it is paused');
is(command('unpause 1'), 'ok', 'unpause');
is(command('shutdown 1 reboot'), 'ok', 'ask it to reboot');
is(command('get /local/domain/1/control/shutdown'), 'ok reboot', 'the request is in the store');
is(command('vcpus 1 2') =~ /1 to 1/ ? 1 : 0, 1, 'it may not have two vCPUs');
is(command('memory 1 100') =~ /maximum/ ? 1 : 0, 1, 'nor more memory than its maximum');
is(command('memory 1 64'), 'ok', 'its memory\'s target');
is(command('get /local/domain/1/memory/target'), 'ok 65536', 'is in the store, in KB');
is(command("core 1 $dir/core"), 'ok', 'a core');
is(command("core 1 $dir/core") =~ /exists/i ? 1 : 0, 1, 'not over a file that is there');
my $gdb = `gdb-multiarch -nx -batch -ex 'set osabi GNU/Linux' -ex 'file $build/life.elf' -ex 'core $dir/core' -ex 'x/1i \$ip' -ex 'x/1s 0xe000000000000000 + (long) &text_running' 2>&1`;
case($gdb =~ /=> 0x\w+\d <main/, 'GDB finds the hanging instruction', split /\n/, $gdb);
case($gdb =~ /"running\\n"/, 'and memory', split /\n/, $gdb);
is(command('destroy 1'), 'ok', 'destroy it');
is(command('info 1'), 'error no domain 1', 'it is gone');
is(command('get /local/domain/1/name'), 'error ', 'from the store too');
is(command('destroy 2'), 'ok', 'destroy the other');
is(stop(), 0, 'the process ends');

start();
create(3, 'life', %with, extra => 'suspend', policy => 'destroy,restart,preserve');
command('unpause 3');
is(command("wait 3 shutdown $patience"), 'ok', 'a domain suspends itself');
is(field(3, 'reason'), 2, 'for that reason');
is(command('unpause 3'), 'ok', 'unpause');
is(field(3, 'state'), '---s--', 'does not change it');
is(command("core 3 $dir/suspended"), 'ok', 'nor does a core');
is(command('resume 3'), 'ok', 'resume does');
is(command("wait 3 shutdown $patience"), 'ok', 'it suspends itself once more');
is(command('pause 3'), 'ok', 'pause');
is(command('resume 3'), 'ok', 'resume of a domain that is paused');
is(field(3, 'state'), '--p---', 'leaves it so');
is(command('unpause 3'), 'ok', 'unpause');
is(command("wait 3 gone $patience"), 'ok', 'it goes on, and powers off');
case((grep { $_ eq 'ok - the suspend was called off' } output(3)), 'and was told');

create(4, 'life', %with, extra => 'crash', policy => 'destroy,restart,preserve');
command('unpause 4');
is(command("wait 4 shutdown $patience"), 'ok', 'on_crash preserve');
is(field(4, 'state'), '---sc-', 'it is there, crashed');
is(command('resume 4') =~ /has not suspended/ ? 1 : 0, 1, 'and is not resumed');
is(command('destroy 4'), 'ok', 'destroy');

create(5, 'life', %with, extra => 'fault', policy => 'destroy,restart,preserve');
command('unpause 5');
is(command("wait 5 shutdown $patience"), 'ok', 'a vCPU that cannot go on');
is(field(5, 'state'), '---sc-', 'is a crash');
is(command('info 5') =~ /why=interruption/ ? 1 : 0, 1, 'with its reason');
command('destroy 5');

create(6, 'life', %with, extra => 'watchdog', policy => 'destroy,restart,destroy');
command('unpause 6');
is(command("wait 6 gone $patience"), 'ok', 'a watchdog that is not fed; on_watchdog destroy');

create(7, 'life', %with, extra => 'reboot', policy => 'destroy,restart,destroy');
command('unpause 7');
is(command("wait 7 restart $patience"), 'ok', 'on_reboot restart');
is(command("wait 7 restart $patience"), 'ok', 'and again');
is(command('destroy 7'), 'ok', 'until it is destroyed');

create(8, 'life', %with, extra => 'reboot', policy => 'destroy,rename-restart,destroy');
command('unpause 8');
is(command("wait 100 shutdown $patience"), 'ok', 'on_reboot rename-restart: the next one reboots too');
is(field(8, 'name'), 'd8-8', 'the first has another name');
is(field(8, 'state'), '---s--', 'and stays');
is(field(100, 'name'), 'd8', 'the next one has its name');
is(command('info 101'), 'error no domain 101', 'a third does not follow so soon');
is(field(100, 'state'), '---s--', 'but the second stays');
command("destroy $_") for 8, 100;

# --- cores, as told ---

$ENV{CORE_DIR} = "$dir/cores";
mkdir $ENV{CORE_DIR};
is(stop(), 0, 'the process ends with domains that restart');
start();
create(9, 'life', %with, extra => 'crash', policy => 'destroy,restart,coredump-destroy');
command('unpause 9');
is(command("wait 9 gone $patience"), 'ok', 'on_crash coredump-destroy: it goes');
is(scalar(() = glob "$dir/cores/d9-*.core"), 1, 'and leaves a core');
create(10, 'life', %with, extra => 'crash', policy => 'destroy,restart,coredump-restart');
command('unpause 10');
is(command("wait 10 restart $patience"), 'ok', 'on_crash coredump-restart: it starts again');
is(command("wait 10 shutdown $patience"), 'ok', 'and has crashed');
is(command("wait 10 shutdown $patience"), 'ok', 'it crashes again');
is(field(10, 'state'), '---sc-', 'so soon that it stays');
is(scalar(() = glob "$dir/cores/d10-*.core"), 1, 'one core is there');
is(field(10, 'restarts'), 1, 'it has been restarted once');
$gdb = `gdb-multiarch -nx -batch -ex 'set osabi GNU/Linux' -ex 'file $build/life.elf' -ex 'core @{[glob "$dir/cores/d10-*.core"]}' -ex 'x/1s 0xe000000000000000 + (long) &text_running' 2>&1`;
case($gdb =~ /"running\\n"/, 'GDB reads the core', split /\n/, $gdb);
is(command('destroy 10'), 'ok', 'destroy');
# Where no core can be: it is said, and the rest happens.
chmod 0500, $ENV{CORE_DIR};
rename $ENV{CORE_DIR}, "$dir/elsewhere";
create(11, 'life', %with, extra => 'crash', policy => 'destroy,restart,coredump-destroy');
command('unpause 11');
is(command("wait 11 gone $patience"), 'ok', 'a core that cannot be written holds up nothing');
is(stop(), 0, 'the process ends with cores');

print "1..$cases\n";
