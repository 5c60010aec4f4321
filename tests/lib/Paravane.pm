# SPDX-License-Identifier: GPL-2.0-or-later
# Starts the program with a guest and talks to its console.
#
# Nothing here knows how fast the machine is: a guest has failed when it has said nothing for
# $Paravane::patience seconds (10 minutes, or PARAVANE_PATIENCE), however long the whole takes.
package Paravane;
use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::UNIX;
use POSIX qw(:sys_wait_h);
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC);
use Test::More ();
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(program product run_program free_port complaints warnings);
our $patience = $ENV{PARAVANE_PATIENCE} || 600;

# What the kernel says when something is wrong, in any of the versions that are tested.
my $complaint = join '|',
	# It has stopped, or says where it was.
	'\bBUG\b', 'Oops', 'Kernel panic', 'Unable to handle', '\bWARNING\b', 'cut here', 'Call Trace',
	'exited with preempt_count', 'scheduling while atomic', 'sleeping function called',
	# Something does not come, or not in time.
	'\blockup\b', '\bLOCKUP\b', '\bstall(?:s|ed)?\b', 'kthread.* starved',
	'blocked for more than', 'NETDEV WATCHDOG', 'lost interrupt', 'nobody cared',
	'Disabling IRQ', '[Cc]locksource.*(?:unstable|skew)',
	# Locks and memory.
	'possible (?:circular|recursive|irq)', 'lock.* inconsistent|inconsistent lock',
	'suspicious RCU', 'Bad page', 'page allocation failure', 'Out of memory', 'oom-kill',
	# Done for a program, where no test asks for it.
	'unaligned access', 'floating-point assist',
	# Devices and file systems.
	'I/O error', 'EXT[234]-fs error', 'remounting filesystem read-only', 'Machine Check', 'OS_MCA',
	# The paravirtualization layer.
	'paravirt: .*(?:half done|come back|beside)';

# What Linux 6.1 says at the level of a warning at every start of any IA-64 system (printk without a
# level is a warning, as is the line's end after the frequency), or of any domain that serves no
# other as Xen's x86 kernels do; or when a processor goes.
my $always = join '|', '', 'Fixed BSP b0 value from CPU \d+', 'CPU \d+ is now offline',
	'This architecture does not have kernel memory protection\.', 'Grant table initialized',
	'xen:xen_privcmd: No target domain found, blocking all hypercalls';

# The program under test.
sub program {
	return $ENV{PARAVANE} || die "PARAVANE is not set; it names the program to test\n";
}

# The path of something guest/build makes ("kernel", "initrd", "vmlinux").
sub product {
	my ($name) = @_;
	my $path = $ENV{'PARAVANE_' . uc $name =~ tr/-/_/r} // `guest/build --print $name`;

	chomp $path;
	die "no $name: run guest/build $name\n" if $path eq '' || !-e $path;
	return $path;
}

# Runs the program to its end: (status, standard output, standard error). One that takes longer than
# $patience is killed.
sub run_program {
	my @args = @_;
	my %text;
	my $dir = $ENV{TMPDIR} // '/tmp';
	my $stem = "$dir/paravane-test-$$";

	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$stem.out";
		open STDERR, '>', "$stem.err";
		exec program(), @args or POSIX::_exit(127);
	}
	my $limit = time + $patience;
	my $status;
	while (!waitpid $pid, WNOHANG) {
		kill 'KILL', $pid if time > $limit;
		sleep 0.01;
	}
	$status = $?;
	for my $kind (qw(out err)) {
		open my $file, '<', "$stem.$kind" or die "$stem.$kind: $!\n";
		local $/;
		$text{$kind} = <$file> // '';
		close $file;
		unlink "$stem.$kind";
	}
	return ($status & 127 ? 128 + ($status & 127) : $status >> 8, $text{out}, $text{err});
}

# A TCP port of 127.0.0.1 that nobody uses now.
sub free_port {
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
		or die "socket: $!\n";
	return $socket->sockport;
}

# The complaints in a kernel's log, each its line with those around it. Lines that match the
# pattern EXCEPT, if there is one, are none.
sub complaints {
	my ($log, $except) = @_;
	my @lines = split /\r?\n/, $log;
	my @found;

	for my $i (0 .. $#lines) {
		next if $lines[$i] !~ /$complaint/ || (defined $except && $lines[$i] =~ /$except/);
		my ($from, $to) = ($i < 3 ? 0 : $i - 3, $i + 12 > $#lines ? $#lines : $i + 12);
		push @found, join "\n", map { ($_ == $i ? '> ' : '  ') . $lines[$_] } $from .. $to;
	}
	return @found;
}

# The lines of `dmesg -r` of the level of a warning or worse that are not said at every start.
sub warnings {
	my ($log) = @_;

	return grep { !/^<\d+>\[ *[\d.]+\] (?:$always)\r?$/ } $log =~ /^(<[0-4]>.*)$/mg;
}

# Paravane->start(ARG...): the program in the background with those arguments of `run`, its console
# (standard input and output) at hand. Standard error goes to ->errors.
sub start {
	my ($class, @args) = @_;

	return $class->start_program(program(), 'run', @args);
}

# The same for any program that stands in for ours.
sub start_program {
	my ($class, @command) = @_;
	my ($ours, $theirs);

	socketpair $ours, $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!\n";
	my $err = ($ENV{TMPDIR} // '/tmp') . "/paravane-test-$$-" . ++our $count . '.err';
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		close $ours;
		open STDIN, '<&', $theirs;
		open STDOUT, '>&', $theirs;
		open STDERR, '>', $err;
		exec @command or POSIX::_exit(127);
	}
	close $theirs;
	return bless { pid => $pid, console => $ours, said => '', log => '', err => $err }, $class;
}

# Paravane->boot(ARG...): ->start with the guest's kernel and initramfs, as far as a shell prompt.
# Arguments after "--" go to the kernel's command line.
sub boot {
	my ($class, @args) = @_;

	return $class->boot_as('run', @args);
}

# Paravane->boot_as(KIND, ARG...): the same, as a machine (run), or as a domain in the foreground,
# paravirtualized (pv) or a machine (hvm).
sub boot_as {
	my ($class, $kind, @args) = @_;
	my ($command, $initrd, $append) = $kind eq 'run'
		? qw(run --initrd --append) : qw(create --ramdisk --extra);
	my @append = ('console=' . ($kind eq 'pv' ? 'hvc0' : 'ttyS0'));

	unshift @args, '--type', $kind if $kind ne 'run';

	for my $i (reverse 0 .. $#args) {
		push @append, splice(@args, $i, @args - $i) if $args[$i] eq '--';
	}
	@append = grep { $_ ne '--' } @append;
	my $self = $class->start_program(program(), $command, '--kernel', product('kernel'), $initrd,
		product('initrd'), $append, "@append", @args);
	return $self->login;
}

# Waits for the shell's prompt, then makes the console plain: no echo, no prompt.
sub login {
	my ($self) = @_;

	$self->expect(qr/\w+@\w+:\S+[#\$] /);
	$self->type("stty -echo; dmesg -n 1; PS1=; PS2=; echo rea''dy\n");
	$self->expect(qr/ready\s*\n/);
	return $self;
}

# Where console bytes come from and go to instead of the program's own (a socket, a terminal).
sub use_console {
	my ($self, $handle) = @_;

	$self->{console} = $handle;
}

sub type {
	my ($self, $text) = @_;

	syswrite $self->{console}, $text;
}

# Takes more of what the guest says; false at its end. Dies after a silence of $patience seconds.
sub listen_more {
	my ($self, $why) = @_;
	my $bytes;

	if (!IO::Select->new($self->{console})->can_read($patience)) {
		kill 'KILL', $self->{pid};
		die "silent for $patience seconds, waiting for $why; the last it said:\n"
			. $self->tail;
	}
	my $n = sysread $self->{console}, $bytes, 65536;
	return 0 if !$n;
	$self->{said} .= $bytes;
	$self->{log} .= $bytes;
	return 1;
}

# The end of all the guest said, as lines of TAP comments.
sub tail {
	my ($self) = @_;
	my @lines = split /\r?\n/, $self->{log};

	splice @lines, 0, @lines - 40 if @lines > 40;
	return join '', map { "#   $_\n" } @lines;
}

# Waits until the guest says something that matches; returns what came before it. $1.. of the
# pattern are in ->{matched}.
sub expect {
	my ($self, $pattern) = @_;

	while (1) {
		if ($self->{said} =~ $pattern) {
			my $before = substr $self->{said}, 0, $-[0];
			$self->{matched} = [map { substr $self->{said}, $-[$_],
				$+[$_] - $-[$_] } 1 .. $#-];
			$self->{said} = substr $self->{said}, $+[0];
			return $before;
		}
		next if $self->listen_more($pattern);
		waitpid $self->{pid}, 0;
		$self->{status} = $?;
		my $status = $? >> 8;
		die "ended with status $status, waiting for $pattern; the last it said:\n"
			. $self->tail
			. $self->errors;
	}
}

# Runs a command in the guest's shell; returns what it printed and, in a list, its status.
sub command {
	my ($self, $command) = @_;

	$self->type("$command\necho =\$?=\n");
	my $output = $self->expect(qr/=(\d+)=\r*\n/);
	my $status = $self->{matched}[0];
	$output =~ s/\r//g;
	return wantarray ? ($output, $status) : $output;
}

# A test (of Test::More) that there are no complaints in the log of the guest's kernel; says where
# they are.
sub no_complaints {
	my ($self, $name, $except) = @_;
	my @found = complaints(scalar $self->command('dmesg'), $except);
	my $test = Test::More->builder;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $passed = $test->ok(!@found, $name);

	$test->diag("$found[0]\n", @found > 1 ? "and $#found more\n" : '') if @found;
	return $passed;
}

# What the program itself said on its standard error.
sub errors {
	my ($self) = @_;

	open my $file, '<', $self->{err} or return '';
	local $/;
	return <$file> // '';
}

# Has the program ended? Does not wait.
sub ended {
	my ($self) = @_;

	$self->{status} = $? if !defined $self->{status} && waitpid($self->{pid}, WNOHANG) > 0;
	return defined $self->{status};
}

# Waits for the program's end, reading what the guest still says; returns its status.
sub finish {
	my ($self) = @_;

	if (!defined $self->{status}) {
		while ($self->listen_more('the end')) { }
		waitpid $self->{pid}, 0;
		$self->{status} = $?;
	}
	my $status = $self->{status};
	return $status & 127 ? 128 + ($status & 127) : $status >> 8;
}

sub DESTROY {
	my ($self) = @_;

	local ($?, $!);
	if (!defined $self->{status} && waitpid($self->{pid}, WNOHANG) == 0) {
		kill 'KILL', $self->{pid};
		waitpid $self->{pid}, 0;
	}
	unlink $self->{err};
}

1;
