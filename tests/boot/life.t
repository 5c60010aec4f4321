#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# How a machine ends, and where its console goes: exit statuses, the time limit, signals, a terminal
# put back as it was, pseudo-terminals, sockets, files; a compressed kernel, entropy, traces.
use strict;
use warnings;

use Fcntl qw(O_RDWR O_NOCTTY);
use File::Temp qw(tempdir);
use IO::Socket::UNIX;
use Test::More;

use Paravane qw(product program run_program);

my $dir = tempdir(CLEANUP => 1);
my @guest = ('--kernel', product('kernel'), '--initrd', product('initrd'), '--append',
	'console=ttyS0');

sub slurp {
	my ($path) = @_;

	open my $file, '<', $path or return '';
	local $/;
	return <$file> // '';
}

# --- Ends ---

my ($status, $out, $err) = run_program('run', @guest, '--console', "file:$dir/log", '--name',
	'pelican', '--timeout', 3);
is($status, 124, '--timeout: status 124');
like($err, qr/^pelican: [^\n]*3 seconds[^\n]*\n$/, '--timeout: one line, by --name');
is($out, '', '--console file: nothing on standard output');

my $g = Paravane->boot;
$g->type("reboot\n");
is($g->finish, 3, 'reboot: status 3');
like($g->errors, qr/^paravane: [^\n]*reset[^\n]*\n$/, 'reboot: one line');

$g = Paravane->boot('--', 'panic=1');
$g->type("echo c >/proc/sysrq-trigger\n");
is($g->finish, 3, 'panic: status 3');
like($g->{log}, qr/Kernel panic/, 'panic: the kernel says so');

$g = Paravane->boot;
kill 'TERM', $g->{pid};
is($g->finish, 128 + 15, 'SIGTERM: dies of it');

# --- Consoles ---

# A terminal: script(1) makes one.
open my $command, '>', "$dir/session" or die;
print $command "stty -a >$dir/before\n", join(' ', map { "'$_'" } program(), 'run', @guest),
	"\necho \"status \$?\" >$dir/status\nstty -a >$dir/after\n";
close $command;
$g = Paravane->start_program('script', '-qec', "sh $dir/session", '/dev/null');
$g->login;
is($g->command('echo on a terminal'), "on a terminal\n", 'stdio: a terminal');
$g->type("\x1d?");
$g->expect(qr/q\b.*(quit|end)/i);
pass('stdio: Ctrl-] ? lists the keys');
# A process of its own says so: Ctrl-C must not come while the shell is still making it.
$g->type("sh -c \"echo sleep''s; exec sleep 10000\"\n");
$g->expect(qr/sleeps/);
$g->type("\x03");
$g->type("echo 'a' b\n");
$g->expect(qr/^a b\r*$/m);
pass('stdio: Ctrl-C goes to the guest');
$g->type("\x1dq");
$g->finish;
is(slurp("$dir/status"), "status 0\n", 'stdio: Ctrl-] q ends with status 0');
is(slurp("$dir/after"), slurp("$dir/before"), 'stdio: the terminal is as it was');
isnt(slurp("$dir/before"), '', 'stdio: it was a terminal');

# A pseudo-terminal: its name is on standard error.
$g = Paravane->start(@guest, '--console', 'pty');
my $pty;
until (($pty) = $g->errors =~ m{(/dev/pts/\d+)}) {
	die 'ended: ', $g->errors if $g->ended;
	select undef, undef, undef, 0.05;
}
system("stty raw -echo -F $pty");
sysopen my $terminal, $pty, O_RDWR | O_NOCTTY or die "$pty: $!\n";
$g->use_console($terminal);
$g->login;
is($g->command('echo on a pseudo-terminal'), "on a pseudo-terminal\n", 'pty');
$g->type("poweroff\n");
waitpid $g->{pid}, 0;
$g->{status} = $?;
is($g->finish, 0, 'pty: poweroff');

# A socket: clients come and go.
$g = Paravane->start(@guest, '--console', "unix:$dir/console");
until (-S "$dir/console") {
	die 'ended: ', $g->errors if $g->ended;
	select undef, undef, undef, 0.05;
}
$g->use_console(IO::Socket::UNIX->new(Peer => "$dir/console") // die "$dir/console: $!\n");
$g->login;
is($g->command('echo on a socket'), "on a socket\n", 'unix');
$g->use_console(undef);
$g->use_console(IO::Socket::UNIX->new(Peer => "$dir/console") // die "$dir/console: $!\n");
is($g->command('echo again'), "again\n", 'unix: another client');
$g->type("poweroff\n");
is($g->finish, 0, 'unix: poweroff');
ok(!-e "$dir/console", 'unix: the socket is gone');

# A file.
($status, $out) = run_program('run', @guest[0 .. 4],
	'console=ttyS0 rdinit=/bin/busybox -- poweroff -f', '--console', "file:$dir/log");
like(slurp("$dir/log"), qr/Linux version 6\.1/, 'file: what the guest says');
is($status, 0, 'file: poweroff');

# --- The rest ---

system('gzip -c ' . product('kernel') . " >$dir/kernel.gz");
$g = Paravane->start('--kernel', "$dir/kernel.gz", @guest[2 .. $#guest]);
$g->login;
pass('a kernel compressed with gzip');
is($g->command('dd if=/dev/hwrng bs=1k count=1 2>/dev/null | wc -c'), "1024\n",
	'entropy: as much as asked for');
isnt($g->command('dd if=/dev/hwrng bs=1k count=1 2>/dev/null | md5sum'),
	$g->command('dd if=/dev/hwrng bs=1k count=1 2>/dev/null | md5sum'),
		'entropy: never the same');
$g->type("poweroff\n");
$g->finish;

$g = Paravane->boot('--trace', 'faults,interrupts,firmware,mmio');
$g->type("poweroff\n");
is($g->finish, 0, '--trace: poweroff');
my $trace = $g->errors;
like($trace, qr/^0 \d+ $_ ip=0x[0-9a-f]+\.[012]( <\w+(\+0x[0-9a-f]+)?>)?$/m, "--trace: $_")
	for "fault '[A-Z][^']*' isr=0x[0-9a-f]+ ifa=0x?[0-9a-f]+", 'interrupt vector=\d+',
		'firmware \w+ status=-?\d+',
	'mmio (?:read|write) pa=0x[0-9a-f]+ size=[1248] value=0x?[0-9a-f]+';
is(() = $trace =~ /^(?!\d+ \d+ (?:fault|interrupt|firmware|mmio) .* ip=0x)/mg, 0,
	'--trace: nothing but such lines');

done_testing;
