#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Commands on domains, each tried on a small kernel of our own (guest.s) in a real host process: what
# they print, what they do to the domain, what they say when something is wrong.
use strict;
use warnings;

use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);

use Commands;
use Paravane qw(program run_program);

my $guest = "$ENV{PARAVANE_BUILD}/tests/cli/guest";

my $config = file('guest.cfg', <<"END");
name = "one"      # of two
kernel = "$guest"
extra = 'first second'
memory = 64
maxvcpus = 2
on_reboot = "restart"
on_crash = "preserve"
END

# --- nothing yet ---

is(good('list'), "Name                                        ID   Mem VCPUs\tState\tTime(s)\n",
	'list: a heading alone');
is_deeply(decode_json(good('list', '--json')), [], 'list --json: an empty array');
bad(qr/there is no domain 'one'/, $_, 'one')
	for qw(console shutdown reboot destroy pause unpause domid dump-core block-list uptime);
bad(qr/there is no host process/, 'xenstore', 'ls');
bad(qr/no log of a process 'one'.*dmesg/, 'dmesg', 'one');
bad(qr/takes/, $_) for qw(console shutdown destroy pause rename vcpu-set mem-set config-check);
bad(qr/guest.cfg.*No such file/, 'create', "$dir/nowhere/guest.cfg");
bad(qr{kernel /nowhere/kernel: No such file}, 'create', $config, 'kernel=/nowhere/kernel');
bad(qr/bad.cfg:3:10: memory: '12'; accepted: megabytes/, 'create',
	file('bad.cfg', "name = 'x'\nkernel='k'\nmemory = 12\n"));
bad(qr/text.cfg'?: .*ELF/, 'create', $config, 'kernel=' . file('text.cfg', "no kernel\n"));
is(good('list', '-v') =~ tr/\n//, 1, 'what failed has left no domain');

# --- a domain ---

good('create', '-p', $config);
my $one = wait_state('one', qr/^--p---$/);
my $id = $one->{domid};
like(good('list'), qr/^one {37} +$id +64 +1     --p---  +0\.0$/m, 'list: its line');
like(good('list', '-v', 'one'), qr/$one->{uuid}        -$/m, 'list -v: UUID, no reason');
is(decode_json(good('list', '-l', 'one'))->[0]{config}{extra}, 'first second',
	'list -l: its configuration');
is(good('domid', 'one'), "$id\n", 'domid');
is(good('domname', $id), "one\n", 'domname');
like(good('vm-list'), qr/^$one->{uuid}  $id    one *$/m, 'vm-list');
like(good('uptime'), qr/^one {30} +$id  0:00:\d\d$/m, 'uptime');
like(good('uptime', '-s', $id), qr/^ \d\d:\d\d:\d\d up  0:00, one \($id\)$/, 'uptime -s');
like(good('info'), qr/^process                : one, pid \d+, sandbox: seccomp/m, 'info: the process');
like(good('vcpu-list'), qr/^one {29} +$id +0 +\d+ +--p +0\.0  all \/ all$/m, 'vcpu-list: vCPU 0');
like(good('vcpu-list'), qr/^one {29} +$id +1 +- +--p +0\.0  all \/ all$/m, 'vcpu-list: vCPU 1');
my ($host) = good('info') =~ /pid (\d+)/;
my $confined = do { local (@ARGV, $/) = "/proc/$host/status"; <> };
like($confined, qr/^NoNewPrivs:\t1$/m, 'the process has no new privileges');
like($confined, qr/^Seccomp:\t2$/m, 'the process has a filter of system calls');
like($confined, qr/^Cap$_:\t0+$/m, "the process has no capabilities: $_") for qw(Prm Eff Inh Amb);
bad(qr/there is a domain 'one' already/, 'create', $config);
bad(qr/has the UUID/, 'create', $config, 'name=other', "uuid=\"$one->{uuid}\"");

my $console = console('one');
good('unpause', 'one');
$console->expect(qr/ready: first second\r\n/);
wait_state('one', qr/^-b----$/);
$console->type('xyz');
$console->expect(qr/xyz/);

my $second = console($id);
$second->type('k');
$console->expect(qr/k/);
$second->expect(qr/k/);
pass('two look at the console, and both type');

good('pause', 'one');
is(domains()->{one}{state}, '--p---', 'pause: it is paused');
good('unpause', $id);
wait_state('one', qr/^-b----$/);

good('rename', 'one', 'first');
is(good('domname', $id), "first\n", 'rename');
bad(qr/there is no domain 'one'/, 'pause', 'one');
bad(qr/name '\Q$_\E': 1 to 79/, 'rename', 'first', $_) for '', '17', 'a b', 'a/b', 'x' x 80;
good('rename', 'first', 'one');

# --- vCPUs, memory ---

good('vcpu-pin', 'one', '0', '0');
is(domains()->{one}{vcpu}[0]{affinity}, `nproc` == 1 ? 'all' : '0', 'vcpu-pin');
good('vcpu-pin', 'one', 'all', 'all', 'all');
bad(qr/vCPU '2'/, 'vcpu-pin', 'one', '2', 'all');
bad(qr/'1000' has none/, 'vcpu-pin', 'one', '0', '1000');
good('vcpu-set', 'one', '2');
is(good('xenstore', 'read', "/local/domain/$id/cpu/1/availability"), "online\n", 'vcpu-set: up');
good('vcpu-set', 'one', '1');
is(good('xenstore', 'read', "/local/domain/$id/cpu/1/availability"), "offline\n", 'vcpu-set: down');
bad(qr/a number from 1 to 2/, 'vcpu-set', 'one', $_) for 0, 3, 'x';
bad(qr/size 'lots'/, 'mem-set', 'one', 'lots');
bad(qr/memory/, 'mem-set', 'one', '100g');
good('mem-set', 'one', '64m');
is(good('xenstore', 'read', "/local/domain/$id/memory/target"), "65536\n", 'mem-set');

# --- the store ---

like(good('xenstore', 'ls', '-f', "/local/domain/$id"),
	qr{^/local/domain/$id/name = "one"$}m, 'xenstore ls -f');
like(good('xenstore', 'ls', "/local/domain/$id"), qr/^name = "one"$/m, 'xenstore ls');
good('xenstore', 'write', '/tool/x', 'a value');
is(good('xenstore', 'read', '/tool/x'), "a value\n", 'xenstore write and read');
is(good('xenstore', 'list', '/tool'), "x\n", 'xenstore list');
is_deeply(decode_json(good('xenstore', '--json', 'read', '/tool/x')), { '/tool/x' => 'a value' },
	'xenstore read --json');
is_deeply(decode_json(good('xenstore', 'list', '--json', '/tool')), ['x'], 'xenstore list --json');
is(decode_json(good('xenstore', '--json', 'ls', '/local'))->{"/local/domain/$id/name"}, 'one',
	'xenstore ls --json');
bad(qr/ls, list and read/, 'xenstore', '--json', 'rm', '/tool/x');
good('xenstore', 'rm', '/tool/x');
bad(qr/ENOENT, there is no such node/, 'xenstore', 'read', '/tool/x');
bad(qr/EINVAL, no path/, 'xenstore', 'read', '/tool//x');
bad(qr/ls \[PATH\]/, 'xenstore', 'fly');

# --- disks and cards ---

open my $image, '>', "$dir/disk.img";
truncate $image, 1 << 20;
close $image;
is(good('block-list', 'one'), "Vdev  BE  handle state evt-ch ring-ref BE-path" . ' ' x 23 . "\n",
	'block-list: a heading alone');
good('block-attach', 'one', "$dir/disk.img", 'raw', 'xvda', 'r');
like(good('block-list', 'one'),
	qr{^51712 0   0      \d     -1     -1       /local/domain/0/backend/vbd/$id/51712}m,
	'block-list: the disk');
$console->type('s');
$console->expect(qr/disk state 1\r\n/);
bad(qr/has one of that name/, 'block-attach', 'one', "$dir/disk.img,raw,xvda");
bad(qr{/nowhere/disk: No such file}, 'block-attach', 'one', '/nowhere/disk,raw,xvdb');
bad(qr/vdev 'zz'/, 'block-attach', 'one', "$dir/disk.img,raw,zz");
bad(qr/no vdev.*target= takes all behind it/, 'block-attach', 'one', "target=$dir/disk.img,vdev=xvdb");
bad(qr/has no disk 'xvdb'/, 'block-detach', 'one', 'xvdb');
good('block-detach', '--force', 'one', 'xvda');
is(good('block-list', 'one') =~ tr/\n//, 1, 'block-detach: it is gone');
SKIP: {
	skip 'qemu-img and qemu-nbd are not there', 6
		if system "qemu-img create -q -f qcow2 $dir/disk.qcow2 1M 2>/dev/null";
	good('block-attach', 'one', "$dir/disk.qcow2,qcow2,xvdb");
	is(good('xenstore', 'read', "/local/domain/0/backend/vbd/$id/51728/sectors"), "2048\n",
		'block-attach: qcow2');
	good('block-detach', '-f', 'one', 'xvdb');
}
good('network-attach', 'one', 'mac=00:16:3e:00:00:07');
like(good('network-list', 'one'), qr/^0   0  00:16:3e:00:00:07 /m, 'network-attach, -list');
is(decode_json(good('network-list', '--json', 'one'))->[0]{mac}, '00:16:3e:00:00:07',
	'network-list --json');
good('network-detach', '-f', 'one', '00:16:3E:00:00:07');
good('network-attach', 'one', 'link=wire');
good('network-detach', '-f', 'one', '0');
bad(qr/has no network card/, 'network-detach', 'one', '0');
bad(qr/accepted/, 'network-attach', 'one', 'colour=red');

# --- a look inside ---

like(good('debug', 'one', 'privops'), qr/^hypercall    sched_op +\d+$/m, 'debug privops');
ok(decode_json(good('debug', '--json', 'one', 'privops'))->{hypercalls}{sched_op} > 0,
	'debug privops --json');
like(good('top', '-b', '-i', '1'), qr/^ +one -b---- /m, 'top');
is(decode_json(good('top', '--json', '-i', '1'))->[0]{name}, 'one', 'top --json');
good('sysrq', 'one', 'h');
bad(qr/one letter/, 'sysrq', 'one', 'help');
bad(qr/nmi, reset/, 'trigger', 'one', 'smoke');
good('dump-core', 'one', "$dir/one.core");
like(`ia64-linux-gnu-readelf -h $dir/one.core`, qr/CORE.*IA-64/s, 'dump-core: an ELF core for IA-64');
bad(qr/one.core: File exists/, 'dump-core', 'one', "$dir/one.core");
like(good('dmesg', 'one'), qr/domain $id: created/, 'dmesg');

# --- restarts and ends ---

good('reboot', 'one');
$console->expect(qr/ready: first second\r\n/);
$console->type('r');
$console->expect(qr/ready: first second\r\n/);
is(domains()->{one}{restarts}, 2, 'reboot: by command and by itself');
$console->type('c');
wait_state('one', qr/^----c?-?$|c/);
like(good('debug', 'one', 'report'), qr/reason 3 \(crash\)$/, 'debug report: of one that has crashed');
like(good('list', '-v'), qr/c- .* 3$/m, 'list -v: crashed, reason 3');
good('destroy', 'one');
is($console->finish, 0, 'console: ends with the domain');
wait_gone('one');
like(good('dmesg', 'one'), qr/: shutdown \(reboot\)\n.*: shutdown \(crash\)\n/s,
	'dmesg: why it has shut down');

# --- several in one process, and in several ---

good('create', $config, 'name=a', 'on_crash="destroy"');
good('create', '--host', 'a', $config, 'name=b');
good('create', $config, 'name=c');
my $all = domains();
is(join(' ', sort keys %$all), 'a b c', 'list: over all processes');
is(keys %{{map { $_->{domid} => 1 } values %$all}}, 3, 'ids differ');
is($all->{b}{host}, 'a', '--host: in that process');
isnt($all->{c}{host}, 'a', 'else in one of its own');
bad(qr/2 host processes.*--host/, 'xenstore', 'ls');
# What waits for an end returns when the name can be used again, and not when only a restart is left.
for my $turn (1 .. 5) {
	good('shutdown', '-w', 'b');
	good('create', '--host', 'a', $config, 'name=b');
	good('destroy', 'b');
	good('create', '--host', 'a', $config, 'name=b');
}
good('reboot', '-w', 'b');
is(domains()->{b}{restarts}, 1, 'reboot -w: it has restarted when it returns');
good('shutdown', '-w', 'b');
ok(!domains()->{b}, 'shutdown -w: it has gone when it returns');
good('create', $config, 'name=b', 'on_poweroff="preserve"');
good('shutdown', '-w', 'b');
like(domains()->{b}{state}, qr/^---s--$/, 'shutdown -w: one that is preserved is not waited for');
good('destroy', 'b');
good('shutdown', '-a', '-w', '-w');
is(good('list') =~ tr/\n//, 1, 'shutdown -a -ww: all are gone when it returns');
# Their processes end behind them.
for (1 .. $Paravane::patience * 20) {
	last if !grep { -S } glob "$dir/paravane/*/*";
	sleep 0.05;
}
is((grep { -S } glob "$dir/paravane/*/*"), 0, 'no socket is left');

# A process that hangs holds up nobody for long, and is told of.
good('create', $config);
my ($stopped) = good('info') =~ /pid (\d+)/;
kill 'STOP', $stopped;
my ($hung_status, undef, $hung) = run_program('list');
kill 'CONT', $stopped;
is($hung_status, 0, 'a process that hangs: list goes on without');
is($hung, "paravane: process 'one': the host process does not answer; its domains are left out\n",
	'a process that hangs: it is named');
good('destroy', 'one');

# A process that dies leaves its domains' ids to others, and its socket to be cleared away.
good('create', $config);
my ($pid) = good('info') =~ /pid (\d+)/;
kill 'KILL', $pid;
sleep 0.05 while -d "/proc/$pid" && `cat /proc/$pid/stat` !~ /\) Z/;
is(good('list') =~ tr/\n//, 1, 'a killed process: its domain is gone');
good('create', $config);
good('destroy', 'one');

good('create', '--no-sandbox', $config);
like(good('info'), qr/sandbox: off$/m, '--no-sandbox');
good('destroy', 'one');

# --- rename-restart, coredump-restart ---

good('create', $config, 'on_reboot="rename-restart"');
$console = console('one');
$console->expect(qr/ready/);
$console->type('r');
$console->expect(qr/ready/);
wait_state('one', qr/b/);
is(keys %{domains()}, 2, 'rename-restart: two domains');
good('destroy', 'one');
good('destroy', (keys %{domains()})[0]);

good('create', '-q', $config, 'on_crash="coredump-destroy"');
$console = console('one');
$console->expect(qr/ready/);
$console->type('c');
$console->finish;
wait_gone('one');
is((my @cores = glob "$dir/state/paravane/one-*.core"), 1, 'coredump-destroy: a core');

# --- in the foreground ---

my $here = Paravane->start_program(program(), 'create', '--kernel', $guest, '--memory', '64',
	'--extra', 'here');
$here->expect(qr/ready: here\r\n/);
$here->type('q');
is($here->finish, 0, 'create --kernel: status 0 at poweroff');
for my $key (qw(r c)) {
	$here = Paravane->start_program(program(), 'create', '--kernel', $guest);
	$here->expect(qr/ready/);
	$here->type($key);
	is($here->finish, 3, "create --kernel: status 3 ($key)");
}
$here = Paravane->start_program(program(), 'create', '--kernel', $guest);
$here->expect(qr/ready/);
kill 'KILL', $here->{pid};
$here->finish;
sleep 0.05 while keys %{domains()};
pass('create --kernel: the domain goes with its command');

# --- config-check ---

my $checked = decode_json(good('config-check', $config, 'memory=128'));
is($checked->{memory}, 128, 'config-check: what the arguments say');
is($checked->{on_poweroff}, 'destroy', 'config-check: what nobody said');
bad(qr/guest.cfg'; one file and KEY=VALUE are accepted/, 'config-check', $config, $config);

done_testing;
