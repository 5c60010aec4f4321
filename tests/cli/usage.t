#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Command lines: what is good prints what it should; what is bad gives one line on standard error
# that names it and says what would be accepted, and status 1, before anything starts.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(program run_program);

my $dir = tempdir(CLEANUP => 1);

sub bytes {
	my ($name, $content) = @_;

	open my $file, '>', "$dir/$name" or die "$dir/$name: $!\n";
	binmode $file;
	print $file $content;
	close $file;
	return "$dir/$name";
}

# An ELF header, program headers, and `size` bytes for the segments.
sub elf {
	my (%is) = (class => 2, data => 1, type => 2, machine => 50, entry => 0x4000000,
		phentsize => 56,
		segments => [[0x4000000, 0x1000, 0x1000]], size => 0x1000, @_);
	my $offset = 64 + 56 * @{$is{segments}};
	my $image = pack 'a4CCCx9vvVQQQVvvvvvv', "\x7fELF", $is{class}, $is{data}, 1, $is{type},
		$is{machine}, 1, $is{entry}, 64, 0, 0, 64, $is{phentsize}, scalar @{$is{segments}},
			64, 0, 0;

	for my $segment (@{$is{segments}}) {
		my ($pa, $filesz, $memsz) = @$segment;
		$image .= pack 'VVQQQQQQ', 1, 7, $offset, $pa, $pa, $filesz, $memsz, 0x1000;
	}
	return $image . "\0" x $is{size};
}

my $kernel = bytes('kernel', elf());
my $text = bytes('text', "this is not a kernel\n");
my $empty = bytes('empty', '');
my @run = ('run', '--kernel', $kernel);

# --- What is good ---

my ($status, $out, $err) = run_program('version');
is($status, 0, 'version: status 0');
like($out, qr/^paravane \d+\.\d+\n$/, 'version: prints the version');
is($err, '', 'version: nothing on standard error');

($status, $out) = run_program('help');
is($status, 0, 'help: status 0');
my @commands = qw(run create config-check console shutdown reboot destroy pause unpause rename list
	vm-list domid domname uptime top info dmesg vcpu-list vcpu-set vcpu-pin mem-set mem-max
	block-attach block-list block-detach network-attach network-list network-detach trigger
	sysrq dump-core debug xenstore disassemble version help);
is(join(' ', sort $out =~ /^  ([a-z-]+) +\S/mg), join(' ', sort @commands), 'help: lists all');
like($out, qr/^$_:$/m, "help: the group $_") for 'Machines', 'Domains', 'Devices', 'Looking inside';
for my $command (@commands) {
	($status, $out) = run_program('help', $command);
	is($status, 0, "help $command: status 0");
	like($out, qr/^Usage: paravane $command\b/, "help $command: usage");
	my $same = (run_program($command, '--help'))[1];
	is($same, $out, "$command --help: the same");
}
($status, $out) = run_program('help', 'run');
like($out, qr/^  --$_\b/m, "help run: tells of --$_")
	for qw(kernel initrd append memory vcpus disk net console name gdb trace engine check
		perf-map timeout);

# --- What is bad: [name of the case, what the line must say, arguments] ---

my @bad = (
	['no command', qr/no command.*help/],
	['unknown command', qr/unknown command 'fly'.*help/, 'fly'],
	['version with an argument', qr/unexpected argument 'x'/, 'version', 'x'],
	['help on nothing known', qr/unknown command 'fly'/, 'help', 'fly'],
	['help on two', qr/unexpected argument 'run'/, 'help', 'run', 'run'],
	['run without a kernel', qr/--kernel.*ELF/, 'run'],
	['unknown option', qr/unknown option '--fly'.*help run/, @run, '--fly'],
	['unknown short option', qr/unknown option '-x'/, @run, '-x'],
	['an option without its value', qr/'--memory' needs a value/, @run, '--memory'],
	['an argument that is no option', qr/unexpected argument 'x'/, @run, 'x'],
	(map { ["--memory $_", qr/--memory '\Q$_\E'.*M.*G/, @run, "--memory=$_"] }
		'', '0', 'x', '-1', '1K', '512MB', '1.5G', '16M', '99999999999999999999', '512G',
			' 512'),
	(map { ["--vcpus $_", qr/--vcpus '\Q$_\E'.*1 to 64/, @run, "--vcpus=$_"] }
		'', '0', '65', '-1', '1x', 'two'),
	['--net of an unknown kind', qr/--net 'bridge'.*none.*user.*tap=/, @run, '--net', 'bridge'],
	['--net tap without a name', qr/--net 'tap='.*tap=INTERFACE/, @run, '--net', 'tap='],
	['--net none with a setting', qr/--net 'none,x'/, @run, '--net', 'none,x'],
	(map { ["--net user,$_", qr/'\Q$_\E'.*hostfwd=tcp:PORT:PORT/, @run, '--net', "user,$_"] }
		'x', 'hostfwd=udp:1:2', 'hostfwd=tcp:1', 'hostfwd=tcp:0:22', 'hostfwd=tcp:22:65536',
		'hostfwd=tcp:a:b', 'hostfwd=tcp:1:2:3'),
	(map { ["--console $_", qr/--console '\Q$_\E'.*stdio.*pty.*unix:PATH.*file:PATH/, @run,
		"--console=$_"] }
		'', 'tty', 'unix:', 'file:'),
	['--console unix: where no socket can be', qr{/nowhere/socket}, @run, '--console',
		'unix:/nowhere/socket'],
	['--console file: that cannot be written', qr{/nowhere/file}, @run, '--console',
		'file:/nowhere/file'],
	['--name empty', qr/--name/, @run, '--name='],
	(map { ["--gdb $_", qr/--gdb '\Q$_\E'.*1 to 65535.*unix:PATH/, @run, "--gdb=$_"] }
		'', '0', '65536', 'x', 'unix:', '-1'),
	['--gdb unix: where no socket can be', qr{/nowhere/socket}, @run, '--gdb',
		'unix:/nowhere/socket'],
	['--trace of an unknown event', qr/'everything'.*faults.*insn/, @run, '--trace',
		'faults,everything'],
	['--trace empty', qr/--trace/, @run, '--trace='],
	(map { ["--timeout $_", qr/--timeout '\Q$_\E'.*seconds/, @run, "--timeout=$_"] } '', '0',
		'-1', '1s', '1e9'),

	(map { ["--engine $_", qr/--engine.*'\Q$_\E'.*interpreter.*jit/, @run, "--engine=$_"] } '',
		'fast', 'JIT'),
	(map { ["--check $_", qr/--check.*'\Q$_\E'.*lockstep=N/, @run, "--check=$_"] } '', 'x',
		'lockstep=', 'lockstep=0', 'lockstepx'),

	['a kernel that is not there', qr{/nowhere/kernel.*No such file}, 'run', '--kernel',
		'/nowhere/kernel'],
	['a kernel that is a folder', qr/\Q$dir\E/, 'run', '--kernel', $dir],
	['an empty kernel', qr/\Q$empty\E.*0 bytes/, 'run', '--kernel', $empty],
	['a kernel that is not ELF', qr/\Q$text\E.*ELF/, 'run', '--kernel', $text],
	['a kernel for another machine', qr/for .*IA-64|machine/, 'run', '--kernel', bytes('x86',
		elf(machine => 62))],
	['a 32-bit kernel', qr/64-bit/, 'run', '--kernel', bytes('elf32', elf(class => 1))],
	['a big-endian kernel', qr/little-endian/, 'run', '--kernel', bytes('be', elf(data => 2))],
	['an object file', qr/executable|object/i, 'run', '--kernel', bytes('object',
		elf(type => 1))],
	['a kernel of a header alone', qr/truncated/, 'run', '--kernel', bytes('short',
		substr(elf(), 0, 40))],
	['a kernel cut in its program headers', qr/truncated/, 'run', '--kernel', bytes('cut',
		substr(elf(), 0, 80))],
	['a kernel cut in a segment', qr/truncated/, 'run', '--kernel', bytes('cutseg',
		substr(elf(), 0, 0x400))],
	['a kernel without segments', qr/segment/, 'run', '--kernel', bytes('nosegs',
		elf(segments => []))],
	['a segment outside memory', qr/memory|outside/i, 'run', '--memory', '96M', '--kernel',
		bytes('far', elf(segments => [[0x4000000, 0x100, 0x100], [0x7000000, 0x100,
			0x100]]))],
	['a segment at the end of the address space', qr/segment/i, 'run', '--kernel',
		bytes('wrap', elf(segments => [[~0 - 0xfff, 0x1000, 0x2000]]))],
	['a segment larger in the file than in memory', qr/segment|damaged/i, 'run', '--kernel',
		bytes('odd', elf(segments => [[0x4000000, 0x1000, 0x10]]))],
	['a gzip kernel that is cut', qr/gzip|truncated|damaged|compressed/i, 'run', '--kernel',
		bytes('gz', "\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x02")],
	['an initrd that is not there', qr{/nowhere/initrd.*No such file}, @run, '--initrd',
		'/nowhere/initrd'],
	['an initrd that is a folder', qr/\Q$dir\E/, @run, '--initrd', $dir],
	['an initrd larger than memory', qr/big.*memory|memory.*big/i, @run, '--memory', '96M',
		'--initrd',
		do { my $big = bytes('big', ''); truncate $big, 200 << 20; $big }],
	['a command line that is too long', qr/--append|command line/, @run, '--append',
		'x' x 100000],

	['a disk without a file', qr/--disk ',ro'.*FILE/, @run, '--disk', ',ro'],
	['a disk with an unknown setting', qr/'rw'.*format=raw.*snapshot/, @run, '--disk',
		"$text,rw"],
	['a disk of an unknown format', qr/'format=vmdk'.*format=qcow2/, @run, '--disk',
		"$text,format=vmdk"],
	['a disk that is not there', qr{/nowhere/disk.*No such file}, @run, '--disk',
		'/nowhere/disk'],
	['a disk that is a folder', qr/\Q$dir\E/, @run, '--disk', $dir],
	['a disk that is not qcow2', qr/\Q$text\E.*qcow2/, @run, '--disk', "$text,format=qcow2"],
	['an empty disk', qr/\Q$empty\E/, @run, '--disk', $empty],
	['seventeen disks', qr/16 disks/, @run, ('--disk', $text) x 17],
	['a tap interface that is not there', qr/tap/, @run, '--net', 'tap=no-such-tap-interface'],

	['create without anything', qr/no configuration.*--kernel/, 'create'],
	['create of two files', qr/one file and KEY=VALUE/, 'create', 'a.cfg', 'b.cfg'],
	['create of a file that is not there', qr{/nowhere/a\.cfg: No such file}, 'create',
		'/nowhere/a.cfg'],
	['create of a folder', qr/\Q$dir\E: a folder/, 'create', $dir],
	['create of a kernel', qr/\Q$kernel\E:1:1: byte 0x7f/, 'create', $kernel],
	['create with a bad option', qr/--vcpus: vcpus: 'many'.*1 to 64/, 'create', '--kernel',
		$kernel, '--vcpus', 'many'],
	['create with bad memory', qr/--memory: memory: '9X'.*megabytes/, 'create', '--kernel',
		$kernel, '--memory', '9X'],
	['create with a bad KEY=VALUE', qr/memory=lots: memory: 'lots'.*megabytes/, 'create',
		bytes('ok.cfg', "name='x'; kernel='k'"), 'memory=lots'],
	['config-check of an unknown key', qr/typo\.cfg:2:3: unknown key 'kernal'; accepted: name uuid/,
		'config-check', bytes('typo.cfg', "name='x'\n  kernal='k'\n")],
	['dmesg of a process with a bad name', qr/host '\.\.'/, 'dmesg', '..'],
	['domname of what is no id', qr/'web' is no domain id/, 'domname', 'web'],

	['disassemble without a file', qr/no file.*ELF/, 'disassemble'],
	['disassemble two files', qr/unexpected argument 'b'/, 'disassemble', 'a', 'b'],
	['disassemble what is not there', qr{/nowhere/file.*No such file}, 'disassemble',
		'/nowhere/file'],
	['disassemble a folder', qr/\Q$dir\E.*ELF/, 'disassemble', $dir],
	['disassemble text', qr/\Q$text\E.*ELF/, 'disassemble', $text],
	['disassemble an empty file', qr/\Q$empty\E.*ELF/, 'disassemble', $empty],
	['disassemble another machine', qr/another machine.*IA-64/, 'disassemble', bytes('x86',
		elf(machine => 62))],
	['disassemble a file without code', qr/no section with code/, 'disassemble', $kernel],
	['disassemble part of a bundle', qr/17 bytes.*16/, 'disassemble', '--raw', bytes('odd17',
		'x' x 17)],
);

for my $case (@bad) {
	my ($name, $says, @args) = @$case;
	($status, $out, $err) = run_program(@args);
	is($status, 1, "$name: status 1");
	like($err, $says, "$name: says what");
	like($err, qr/^paravane: [^\n]+\n$/, "$name: one line");
}

# A file name may hold anything; a message is one line still.
($status, $out, $err) = run_program('run', '--kernel', "/nowhere/a\nb\e[1m");
is($status, 1, 'a name with control characters: status 1');
like($err, qr/^[^\n\e]+\n$/, 'a name with control characters: one clean line');

# What could not be printed was not done.
for my $command (qw(help version)) {
	$err = qx{'@{[program()]}' $command 2>&1 >/dev/full};
	is($? >> 8, 1, "$command on a full disk: status 1");
	is($err, "paravane: standard output: No space left on device\n",
		"$command on a full disk: says so");
}

done_testing;
