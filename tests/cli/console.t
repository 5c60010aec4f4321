#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a domain's console goes: the key and option `console`, for both kinds of domains.
use strict;
use warnings;

use Fcntl;
use IO::Select;
use IO::Socket::UNIX;
use JSON::PP;
use Test::More;

use Commands;
use Paravane qw(program run_program);

my %kind = (
	pv => file('pv.cfg', "name='pv'\nmemory=64\nextra='hello'\n"
		. "kernel='$ENV{PARAVANE_BUILD}/tests/cli/guest'\n"),
	hvm => file('hvm.cfg', "name='hvm'\ntype='hvm'\nmemory=96\nextra='hello'\n"
		. "kernel='$ENV{PARAVANE_BUILD}/tests/cli/machine'\n"),
);

# Reads from a handle until what came matches.
sub expect {
	my ($handle, $pattern, $t) = @_;
	my $said = '';

	while ($said !~ $pattern) {
		last if !IO::Select->new($handle)->can_read($Paravane::patience);
		last if !sysread $handle, $said, 4096, length $said;
	}
	like($said, $pattern, $t);
}

bad(qr/^paravane: console=tty: console: 'tty'; accepted: pty, stdio, unix:PATH, file:PATH/,
	'config-check', $kind{pv}, 'console=tty');
bad(qr/^paravane: console: file:\/nowhere\/log: No such file/, 'create', $kind{pv},
	'console=file:/nowhere/log');

for my $name (sort keys %kind) {
	my $config = $kind{$name};

	# A pseudo-terminal.
	like(good('create', $config, 'console=pty'), qr{^The console of '$name' is /dev/pts/\d+$},
		"$name: create says which terminal");
	my ($tty) = decode_json(good('list', '-l', $name))->[0]{config}{console_tty};
	sysopen my $terminal, $tty, O_RDWR | O_NOCTTY or die "$tty: $!\n";
	expect($terminal, qr/ready: hello\r\n/, "$name: pty: output");
	syswrite $terminal, 'x';
	expect($terminal, qr/^x/, "$name: pty: input");

	# The console command has it as well, and says so to the second who asks.
	my $first = console($name);
	$first->expect(qr/ready: hello\r\nx/);
	is($first->errors, '', "$name: one at the console");
	my $second = console($name);
	$second->type('y');
	$second->expect(qr/y/);
	like($second->errors, qr/^paravane: this console is open 1 time already;.*\n$/,
		"$name: a second is told");
	$first->expect(qr/y/);
	expect($terminal, qr/y/, "$name: pty: what others type");
	good('destroy', $name);
	is($first->finish, 0, "$name: the console ends with the domain");

	# A file; also after a restart.
	good('create', $config, "console=file:$dir/$name.log");
	$first = console($name);
	$first->expect(qr/ready/);
	$first->type('r');
	$first->expect(qr/ready/);
	good('destroy', $name);
	is(do { local (@ARGV, $/) = "$dir/$name.log"; <> }, "ready: hello\r\n" x 2,
		"$name: file: all that was said");

	# A socket.
	good('create', $config, "console=unix:$dir/$name.sock");
	my $socket = IO::Socket::UNIX->new(Peer => "$dir/$name.sock") or die "socket: $!\n";
	expect($socket, qr/ready: hello\r\n/, "$name: unix: output");
	syswrite $socket, 'z';
	expect($socket, qr/^z/, "$name: unix: input");
	bad(qr/unix:\S+: Address already in use/, 'create', $config, 'name=other',
		"console=unix:$dir/$name.sock");
	good('destroy', $name);
	ok(!-e "$dir/$name.sock", "$name: unix: the socket goes with the domain");
	good('create', $config, "console=unix:$dir/$name.sock");
	my ($pid) = good('info') =~ /pid (\d+)/;
	kill 'KILL', $pid;
	for (1 .. $Paravane::patience * 20) {
		last if !-e "$dir/$name.sock";
		select undef, undef, undef, 0.05;
	}
	ok(!-e "$dir/$name.sock", "$name: unix: and with its process");
	IO::Socket::UNIX->new(Local => "$dir/$name.sock", Listen => 1)->close;
	good('create', $config, "console=unix:$dir/$name.sock");
	pass("$name: unix: the place is free when nobody listens");
	unlink "$dir/$name.sock";
	my $other = IO::Socket::UNIX->new(Local => "$dir/$name.sock", Listen => 1);
	good('destroy', $name);
	ok(-e "$dir/$name.sock", "$name: unix: what stands there instead stays");
	undef $other;
	unlink "$dir/$name.sock";

	# Input that ends: the answer is waited for, and the domain goes on.
	good('create', $config);
	like(`(sleep 0.1; echo hi) | @{[program()]} console $name`, qr/^ready: hello\r\n.*hi/s,
		"$name: the end of input: what was typed is sent, the answer shown");
	is($?, 0, "$name: and the command ends with status 0");
	is((run_program('console', $name))[0], 0, "$name: no input at all");
	like(wait_state($name, qr/[rb]/)->{name}, qr/^$name$/, "$name: the domain goes on");
	like(`echo hi | @{[program()]} console $name 2>&1 >/dev/full`,
		qr/^paravane: standard output: No space left on device\n$/,
		"$name: output that cannot be written");
	good('destroy', $name);

	# Here.
	my $here = Paravane->start_program(program(), 'create', $config, 'console=stdio');
	$here->expect(qr/ready/);
	$here->type('q');
	is($here->finish, 0, "$name: stdio");
	wait_gone($name);
}

# With --kernel, elsewhere than here.
my $elsewhere = Paravane->start_program(program(), 'create', '--type', 'hvm', '--memory', '96', '--kernel',
	"$ENV{PARAVANE_BUILD}/tests/cli/machine", '--console', "unix:$dir/there", '--name', 'there');
wait_state('there', qr/r/);
my $socket = IO::Socket::UNIX->new(Peer => "$dir/there") or die "socket: $!\n";
expect($socket, qr/ready/, '--kernel with --console');
syswrite $socket, 'q';
is($elsewhere->finish, 0, '--kernel with --console: its end');

done_testing;
