#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Commands on machines that run as domains (type="hvm"), each tried on a small guest of our own
# (machine.s) in a real host process.
use strict;
use warnings;

use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);

use Commands;
use Paravane qw(program free_port);

my $guest = "$ENV{PARAVANE_BUILD}/tests/cli/machine";
my $config = file('machine.cfg', <<"END");
name = "one"
type = "hvm"
kernel = "$guest"
root = "/dev/vda"
extra = 'first second'
memory = 96
vcpus = 2
cpus = "0"
on_reboot = "restart"
on_crash = "preserve"
END

# --- what a machine is not ---

bad(qr/^paravane: memory=64: memory: 64; accepted for type="hvm": at least 96/, 'config-check',
	$config, 'memory=64');
bad(qr/^paravane: maxmem=200: .*memory says \(96\)/, 'config-check', $config, 'maxmem=200');
bad(qr/^paravane: maxvcpus=4: .*vcpus says \(2\)/, 'config-check', $config, 'maxvcpus=4');
bad(qr/^paravane: on_reboot=.*accepted.*coredump-restart/, 'config-check', $config,
	'on_reboot=rename-restart');
bad(qr/^paravane: [^ ]*net.cfg:6:7: vif: a list of 9; accepted.*at most 8/, 'config-check', file('net.cfg',
	"name='x'\ntype='hvm'\nkernel='k'\nmemory=96\n\nvif = [ " . "'', " x 9 . "]\n"));
is(decode_json(good('config-check', $config, 'builder=hvm'))->{type}, 'hvm', 'builder = "hvm"');

# --- its life ---

good('create', '-p', $config);
my $one = wait_state('one', qr/^--p---$/);
my $id = $one->{domid};
is($one->{type}, 'hvm', 'list --json: its type');
like(good('list'), qr/^one {37} +$id +96 +1     --p---  +0\.0$/m, 'list: its line');
is($one->{vcpu}[0]{affinity}, `nproc` == 1 ? 'all' : '0', 'cpus: its vCPUs are pinned');
my $console = console('one');
good('unpause', 'one');
$console->expect(qr{ready: root=/dev/vda first second\r\n});
wait_state('one', qr/^r-----$/);
$console->type('xyz');
$console->expect(qr/xyz/);
like(good('vcpu-list', 'one'), qr/^one {29} +$id +0 +\d+ +r-- +\d+\.\d  (0|all) \/ all$/m,
	'vcpu-list: vCPU 0 runs');
like(good('vcpu-list', 'one'), qr/^one {29} +$id +1 +- +--p /m, 'vcpu-list: vCPU 1 is not started');
like(good('uptime', 'one'), qr/^one {30} +$id  0:00:\d\d$/m, 'uptime');
like(good('top', '-b', '-i', '1'), qr/^ +one r----- /m, 'top');

good('pause', 'one');
is(domains()->{one}{state}, '--p---', 'pause: it is paused');
good('dump-core', 'one', "$dir/one.core");
like(`ia64-linux-gnu-readelf -h $dir/one.core`, qr/CORE.*IA-64/s, 'dump-core: an ELF core for IA-64');
my $gdb = `gdb-multiarch -nx -batch -ex 'set osabi GNU/Linux' -ex 'file $guest' -ex 'core $dir/one.core' -ex 'info threads' -ex 'x/1s (long) &ready + 0xe000000000000000' 2>&1`;
like($gdb, qr/in (wait|_start)/, 'dump-core: GDB finds where it was') or diag($gdb);
like($gdb, qr/"ready: "/, 'dump-core: GDB finds memory');
good('unpause', 'one');
$console->type('a');
$console->expect(qr/a/);

good('rename', 'one', 'first');
is(good('domname', $id), "first\n", 'rename');
good('rename', 'first', 'one');
good('vcpu-pin', 'one', 'all', 'all');
is(domains()->{one}{vcpu}[1]{affinity}, 'all', 'vcpu-pin');
bad(qr/1 to 79/, 'rename', 'one', 'a/b');

bad(qr/no balloon/, @$_) for ['mem-set', 'one', '96m'], ['mem-max', 'one', '96m'];
bad(qr/keeps its processors/, 'vcpu-set', 'one', '1');
bad(qr/created with/, 'block-attach', 'one', "$config,raw,xvdb,r");
bad(qr/created with/, 'network-attach', 'one');
bad(qr/a machine takes power, reset and init/, 'trigger', 'one', $_) for 'nmi', 'sleep';
bad(qr/sysrq-trigger/, 'sysrq', 'one', 'h');
bad(qr/privileged operations/, 'debug', 'one', 'privops');
is(good('debug', 'one', 'report'), "the domain runs\n", 'debug report: of one that runs');

# --- restarts and ends ---

good('trigger', 'one', 'reset');
$console->expect(qr/ready: /);
$console->type('r');
$console->expect(qr/ready: /);
good('reboot', 'one'); # the power button, and then not its end
$console->expect(qr/button\r\n/);
$console->expect(qr/ready: /);
good('trigger', 'one', 'init'); # without a handler of the guest's, the firmware resets
$console->expect(qr/ready: /);
is(domains()->{one}{restarts}, 4, 'restarts: by trigger, by itself, by reboot, by INIT');
is(domains()->{one}{domid}, $id, 'restarts: the same id');
$console->type('d');
$console->expect(qr/d/);
bad(qr/does not listen to its power button/, $_, 'one') for 'shutdown', 'reboot';
bad(qr/does not listen/, 'trigger', 'one', 'power');
$console->type('c');
wait_state('one', qr/^---sc-$/);
like(good('debug', 'one', 'report'), qr/^vCPU 0: .*handler.*faults/, 'debug report: of one that has crashed');
good('dump-core', 'one', "$dir/crashed.core");
bad(qr/has shut down/, 'shutdown', 'one');
good('destroy', 'one');
is($console->finish, 0, 'console: ends with the domain');
wait_gone('one');
like(good('dmesg', 'one'), qr/: shutdown \(reboot\)\n.*: shutdown \(crash\)/s,
	'dmesg: why it has shut down');

good('create', $config, 'name=a', 'on_poweroff=restart');
$console = console('a');
$console->expect(qr/ready: /);
good('shutdown', '-w', 'a');
$console->expect(qr/button\r\n/);
$console->expect(qr/ready: /);
pass('on_poweroff = "restart"');
good('destroy', 'a');
for my $turn (1 .. 5) {
	good('create', $config, 'name=a');
	console('a')->expect(qr/ready: /);
	good('shutdown', '-w', 'a');
	ok(!domains()->{a}, 'shutdown -w: it has gone when it returns');
}
good('create', $config, 'name=a', 'on_poweroff=preserve');
console('a')->expect(qr/ready: /);
good('shutdown', '-w', 'a');
like(domains()->{a}{state}, qr/^---s--$/, 'shutdown -w: one that is preserved is not waited for');
good('destroy', 'a');

good('create', '-q', $config, 'on_crash="coredump-destroy"');
$console = console('one');
$console->expect(qr/ready/);
$console->type('c');
$console->finish;
wait_gone('one');
is((my @cores = glob "$dir/state/paravane/one-*.core"), 1, 'coredump-destroy: a core');

# A machine and a pv domain in one process.
good('create', '--host', 'both', $config, 'name=a');
good('create', '--host', 'both', file('pv.cfg', "name='b'\nmemory=64\n"
	. "kernel='$ENV{PARAVANE_BUILD}/tests/cli/guest'\n"));
is(join(' ', map { "$_->{name} $_->{type} $_->{host}" } sort { $a->{name} cmp $b->{name} }
	values %{domains()}), 'a hvm both b pv both', 'both kinds in one process');
console('a')->expect(qr/ready: /);
wait_state('b', qr/b/);
good('shutdown', '-a', '-w', '-w');
is(good('list') =~ tr/\n//, 1, 'shutdown -a -ww: both kinds are gone');

# --- disks and cards ---

open my $image, '>', "$dir/disk.img";
truncate $image, 1 << 20;
close $image;
my $port = free_port();
good('create', $config, "disk=['$dir/disk.img,raw,xvda,r', '$dir/disk.img,raw,hdb,r']",
	"vif=['hostfwd=tcp:$port:22', 'mac=00:16:3e:00:00:07,link=wire']");
like(good('block-list', 'one'), qr/^51712 .*\n832 /m, 'block-list');
like(good('network-list', 'one'), qr/^1   0  00:16:3e:00:00:07 /m, 'network-list');
$console = console('one');
$console->expect(qr/ready/);
$console->type('r');
$console->expect(qr/ready/);
pass('a restart with disks, a forwarded port and a link');
bad(qr/^paravane: .*$port/, 'create', $config, 'name=two', "vif=['hostfwd=tcp:$port:22']");
is(keys %{domains()}, 1, 'what failed has left no domain');
good('destroy', 'one');
bad(qr/has one of that name/, 'create', $config, "disk=['$dir/disk.img,raw,xvda,r', '$dir/disk.img,raw,xvda,r']");
SKIP: {
	skip 'qemu-img and qemu-nbd are not there', 2
		if system "qemu-img create -q -f qcow2 $dir/disk.qcow2 1M 2>/dev/null";
	good('create', $config, "disk=['$dir/disk.qcow2,qcow2,xvda']");
	$console = console('one');
	for (1 .. 3) {
		$console->expect(qr/ready/);
		$console->type('r');
	}
	$console->expect(qr/ready/);
	pass('restarts with a qcow2 image');
	good('destroy', 'one');
}

# --- EFI variables ---

# How often they have been saved: a machine does so at its start, and counts on.
sub saves {
	my $file = do { local (@ARGV, $/) = "$dir/nvram"; <> };

	return join ' ', sort map { unpack 'Q<', substr $file, $_ + 8, 8 }
		grep { substr($file, $_, 8) eq 'PVNVRAM2' } 0, 0x40000;
}

bad(qr/^paravane: nvram=x: nvram: only a machine.*type = "hvm"/, 'config-check', $config, 'type=pv',
	'nvram=x');
good('create', $config, "nvram=$dir/nvram");
$console = console('one');
$console->expect(qr/ready/);
is(saves(), '1', 'nvram: the file is made');
bad(qr{nvram: another machine uses it}, 'create', $config, 'name=two', "nvram=$dir/nvram");
$console->type('r');
$console->expect(qr/ready/);
is(saves(), '1 2', 'nvram: a restart takes the same variables');
good('destroy', 'one');
good('create', $config, "nvram=$dir/nvram");
$console = console('one');
$console->expect(qr/ready/);
is(saves(), '2 3', 'nvram: so does the next domain');
good('destroy', 'one');

# --- in the foreground ---

my @here = (program(), 'create', '--type', 'hvm', '--kernel', $guest, '--memory', '96', '--extra', 'here');
for my $case (['q', 0], ['r', 3], ['c', 3]) {
	my ($key, $status) = @$case;
	my $here = Paravane->start_program(@here);

	$here->expect(qr/ready: here\r\n/);
	$here->type($key);
	is($here->finish, $status, "create --type hvm: status $status ($key)");
}
bad(qr/^paravane: --privops: a machine/, @here[1 .. $#here], '--privops');
my $here = Paravane->start_program(@here);
$here->expect(qr/ready/);
kill 'KILL', $here->{pid};
$here->finish;
sleep 0.05 while keys %{domains()};
pass('create --type hvm: the domain goes with its command');

done_testing;
