#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# --gdb with Debian's gdb-multiarch, on the program in guest.s.
use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::UNIX;
use Test::More;

use Paravane qw(free_port);

my $dir = tempdir(CLEANUP => 1);
my $guest = "$ENV{PARAVANE_BUILD}/tests/gdb-guest";
my $socket = "$dir/gdb";
my $paravane;

# The program with the guest, waiting for a debugger.
sub start {
	my $paravane = Paravane->start('--kernel', $guest, '--console', "file:$dir/console", @_);

	until (-S $socket) {
		select undef, undef, undef, 0.01;
		die 'ended before it listened: ', $paravane->errors if $paravane->ended;
	}
	return $paravane;
}

# Processor time that the program has used: while the guest stands still, none.
sub ticks {
	my @stat = split ' ', do { open my $file, '<', "/proc/$paravane->{pid}/stat"; <$file> };

	return $stat[13];
}

# What gdb prints for each of the commands, in order. After `echo interrupt me`, it gets a Ctrl-C
# once it has continued.
sub gdb {
	my @commands = @_;
	my @echoed = map { ('-ex', "echo \\n=next=\\n", '-ex', $_) } @commands;
	my $pid = open my $out, '-|';

	die "fork: $!\n" if !defined $pid;
	if (!$pid) {
		open STDERR, '>&', \*STDOUT;
		open STDIN, '<', '/dev/null';
		exec 'stdbuf', '-o0', 'gdb-multiarch', '-nx', '-batch', '-ex', 'set pagination off',
			'-ex', 'set confirm off',
			'-ex', 'set width 0', '-ex', "set tcp connect-timeout 600", '-ex',
				'set remotetimeout 600', @echoed;
		die "gdb-multiarch: $!\n";
	}
	my $text = '';
	my $interrupted = 0;
	while (IO::Select->new($out)->can_read(600) ? sysread $out, $text, 4096, length $text
		: (kill 'KILL', $pid) && 0) {
		next if $interrupted || $text !~ /interrupt me\s+=next=\s+\z/;
		$interrupted = 1;
		my $used = ticks();
		select undef, undef, undef, 0.05 while ticks() < $used + 3; # the guest runs
		kill 'INT', $pid;
	}
	close $out;
	my (undef, @answers) = split /\n?=next=\n/, $text;
	diag($text) if @answers != @commands;
	push @answers, ('') x (@commands - @answers);
	return @answers;
}

# [name, command, what gdb must answer]...; no pattern: any answer will do.
sub session {
	my @steps = @_;
	my @answers = gdb(map { $_->[1] } @steps);

	for my $i (0 .. $#steps) {
		my ($name, undef, $pattern) = @{$steps[$i]};
		like($answers[$i], $pattern, $name) if $pattern;
	}
}

my @connect = (['', "file $guest"], ['connect', "target remote $socket",
	qr/0x0*4000000 in _start/]);
$paravane = start('--gdb', "unix:$socket");

session(
	@connect,
	['one thread', 'info threads', qr/\* 1 +Thread 1 "?.*vCPU 0/],
	['pc at the entry', 'p/x $pc', qr/= 0x4000000$/],
	['code is shown', 'x/3i $pc',
		qr/_start>:.*mov\.m ar\.rsc=0\b.*\+1>:.*mov r15=ip.*\+2>:.*nop\.i/s],
	['data', 'x/gx &variable', qr/<variable>:\s+0x0*1000$/],
	['set a breakpoint', 'break *stop_here', qr/Breakpoint 1 at 0x4000100/],
	['stop there', 'continue', qr/Breakpoint 1, .*0x0*4000100 in inner/],

	['static register', 'p/x $r20', qr/= 0x123456789abcdef$/],
	['stacked: first argument', 'p/x $r32', qr/= 0x3001$/],
	['stacked: second argument', 'p/x $r33', qr/= 0x3002$/],
	['stacked: local', 'p/x $r36', qr/= 0x4001$/],
	['cfm: size of frame 5, of locals 5', 'p $cfm & 0x3fff', qr/= 645$/],
	['branch register', 'p/x $b0', qr/= 0x40000d0$/],
	['application registers', 'p $lc', qr/= 42$/],
	['predicates', 'printf "%d %d %d\n", $p0, $p6, $p7', qr/^1 1 0$/m],
	['floating point: an integer, from the significand of f1', 'p $f8',
		qr/= -9223372036854775808$/],
	['floating point: zero', 'p $f0', qr/= 0$/],
	['floating point: one', 'p $f1', qr/= 1$/],
	['all registers', 'info registers', qr/^r12 .*^pr .*^bspstore .*^r32 .*^r36 /ms],
	['back trace', 'bt', qr/#0 .* in inner .*#1 .* in outer .*#2 .* in _start/s],
	['frame of outer', 'frame 1', qr/in outer/],
	['its first argument', 'p/x $r32', qr/= 0x1001$/],
	['its second argument', 'p/x $r33', qr/= 0x1002$/],
	['its local', 'p/x $r36', qr/= 0x2001$/],
	['back to inner', 'frame 0', qr/in inner/],

	['write a stacked register', 'set $r36 = 0x5a5a', qr/^$/],
	['it is written', 'p/x $r36', qr/= 0x5a5a$/],
	['its neighbour is not', 'p/x $r33', qr/= 0x3002$/],
	['write a static register', 'set $r20 = 77', qr/^$/],
	['it is written', 'p $r20', qr/= 77$/],
	['write memory', 'set var *(long *)&variable = 0x2000', qr/^$/],
	['it is written', 'x/gx &variable', qr/0x0*2000$/],
	['write a floating-point register', 'set $f9 = 2.5', qr/^$/],
	['it is written', 'p $f9', qr/= 2\.5$/],
	['no memory', 'x/gx 0xe0000000', qr/Cannot access memory/],

	['step', 'stepi', qr/0x0*4000101/],
	['what was loaded', 'p/x $r22', qr/= 0x2000$/],
	['step over a false predicate', 'stepi', qr/0x0*4000102/],
	['it did nothing', 'p $r23 == 0x666', qr/= 0$/],
	['step a true predicate', 'stepi', qr/0x0*4000110/],
	['it did', 'p/x $r25', qr/= 0x777$/],
	['step', 'stepi', qr/0x0*4000111/],
	['step over an instruction of two slots', 'stepi', qr/0x0*4000120/],
	['it did', 'p/x $r24', qr/= 0xfedcba9876543210$/],

	['delete the breakpoint', 'delete'],
	['breakpoint on two slots', 'tbreak *0x4000111', qr/breakpoint 2/i],
	['stop there', 'continue', qr/0x0*4000111 in inner/],
	['hardware breakpoint', 'thbreak *0x4000131', qr/breakpoint 3/i],
	['stop there', 'continue', qr/0x0*4000131 in inner/],

	['write watchpoint', 'watch *(long *)&variable', qr/Hardware watchpoint 4/],
	['stop after the store', 'continue',
		qr/watchpoint 4.*Old value = 8194.*New value = 8195.*0x0*4000121 in inner/s],
	['and the next', 'continue', qr/Old value = 8195.*New value = 8196/s],
	['delete it', 'delete'],
	['read watchpoint', 'rwatch *(long *)&variable', qr/read watchpoint 5/i],
	['stop after the load', 'continue',
		qr/read watchpoint 5.*Value = 8196.*0x0*4000101 in inner/s],
	['delete it', 'delete'],
	['access watchpoint', 'awatch *(int *)((char *)&variable + 4)', qr/access.* watchpoint 6/i],
	['stop after the store', 'continue', qr/access.* watchpoint 6.*0x0*4000121 in inner/s],
	['stop after the load', 'continue', qr/access.* watchpoint 6.*0x0*4000101 in inner/s],
	['delete it', 'delete'],

	['finish a function', 'break *stop_here'],
	['', 'continue', qr/Breakpoint 7/],
	['', 'finish', qr/0x0*40000d0 in outer/],
	['move the pc', 'set $ip = &called_outer', qr/^$/],
	['go on from there', 'continue', qr/Breakpoint 7/],
	['delete it', 'delete'],
	['', 'echo interrupt me\\n'],
	['go on until interrupted', 'continue',
		qr/received signal SIGINT, Interrupt\..*in (_start|outer|inner) /s],
	['detach', 'detach', qr/detached/i],
);

session(
	['', "file $guest"],
	['connect to a running machine', "target remote $socket",
		qr/0x0*4000[01]\w\w in (_start|outer|inner)/],
	['no breakpoint is left', 'info breakpoints', qr/No breakpoints/],
	['variable has gone up', 'p *(unsigned long *)&variable > 8196', qr/= 1$/],
	['kill', 'kill', qr/killed/i],
);
is($paravane->finish, 0, 'kill ends the machine');

# Four processors, on TCP: each is a thread, and they stop and go together.
my $port = free_port();
$paravane = Paravane->start('--kernel', $guest, '--console', "file:$dir/console", '--vcpus', 4,
	'--gdb', $port);
session(
	['', "file $guest"],
	['connect on TCP', "target remote 127.0.0.1:$port", qr/0x0*4000000 in _start/],
	['four threads', 'info threads',
		qr/Thread 1.*vCPU 0.*Thread 2.*vCPU 1.*Thread 3.*vCPU 2.*Thread 4.*vCPU 3/s],
	['breakpoint', 'break *stop_here'],
	['stop there', 'continue', qr/Breakpoint 1, .*in inner/],
	['by the first', 'p $_thread', qr/= 1$/],
	['look at another', 'thread 3', qr/Switching to thread 3/],
	['its pc', 'p $pc >= 0x100000 && $pc < 0x8000000', qr/= 0$/],
	['back', 'thread 1', qr/in inner/],
	['step one alone', 'set scheduler-locking on'],
	['', 'stepi', qr/0x0*4000101/],
	['', 'set scheduler-locking off'],
	['all go on', 'continue', qr/Breakpoint 1, .*in inner/],
);
# Batch mode has detached: the machine runs on.
ok(kill(0, $paravane->{pid}), 'the machine outlives the debugger');
kill 'TERM', $paravane->{pid};
is($paravane->finish, 128 + 15, 'SIGTERM ends it, with that signal');

# With the translator, which is to stand back.
$paravane = start('--gdb', "unix:$socket", '--engine', 'jit');
session(
	@connect,
	['translator: breakpoint', 'break *stop_here'],
	['translator: stop there', 'continue', qr/Breakpoint 1, .*in inner/],
	['translator: the hundredth time', 'ignore 1 99'],
	['translator: stop there', 'continue', qr/Breakpoint 1, .*in inner/],
	['translator: what was counted', 'p/x *(long *)&variable', qr/= 0x1064$/],
	['translator: delete it', 'delete'],
	['translator: watchpoint', 'watch *(long *)&variable'],
	['translator: stop after the store', 'continue',
		qr/Old value = 4196.*New value = 4197.*0x0*4000121 in inner/s],
	['translator: kill', 'kill', qr/killed/i],
);
is($paravane->finish, 0, 'translator: kill ends the machine');

# Packets that no debugger sends.
$paravane = start('--gdb', "unix:$socket");
my $raw = IO::Socket::UNIX->new(Peer => $socket) or die "$socket: $!\n";
sub packet {
	my ($text) = @_;
	my $answer = '';

	my $sum = 0;
	$sum += $_ for unpack 'C*', $text;
	syswrite $raw, sprintf '$%s#%02x', $text, $sum & 0xff;
	until ($answer =~ /\$([^#]*)#../) {
		IO::Select->new($raw)->can_read(600) && sysread($raw, $answer, 4096, length $answer)
			or return 'end';
	}
	return $answer =~ s/.*\$([^#]*)#.*/$1/sr;
}
like(packet('m4000000,10'), qr/^[0-9a-f]{32}$/, 'memory');
like(packet($_), qr/^E\d\d$/, "'$_' is an error")
	for 'm', 'm4000000', 'mxyz,4', 'm4000000,', 'm11112222333344445,4', 'p', 'p1000', 'P14',
		'P14=', 'P14=12', 'P0=0000000000000000',
		'P1000=00', 'M4000000,4:12', 'M4000000,ffffffffff:', 'X4000000,4:12', 'Z0', 'Zx',
			'Z0,4000003,0', 'Z2,4000000,0',
		'Z2,ffffffffffffffff,8', 'z0,4000000,0', 'Hg99', 'Hx1', 'T99', 'vCont;x',
			'vCont;s:99', 'vCont;C', 'Gzz';
is(packet($_), '', "'$_' is not known") for 'Z9,0,0', 'y', 'qFly', 'Qfly', 'vFly', '!', '';
is(length packet('g'), 9440, "'g' has all registers");
is(packet('m4000000,0'), '', 'no memory is no error');
is(packet('m0,ffffffff') =~ /^(?:[0-9a-f]{2})*$/, 1, 'more memory than fits a packet');
is(packet('Hg-1'), 'OK', 'all threads');
syswrite $raw, '$' . 'm' x 100000;
ok(!defined IO::Select->new($raw)->can_read(600) || !sysread($raw, my $rest, 100),
	'a packet without end ends the connection');
close $raw;
kill 'TERM', $paravane->{pid};
is($paravane->finish, 128 + 15, 'the machine is still there to end');
ok(!-e $socket, 'the socket is gone');

done_testing;
