#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks, network card and console of a domain, with the guest's kernel; or with one that nobody here
# wrote, if PARAVANE_UPSTREAM_KERNEL names it: Linux 2.6.32 or near, built for ia64 with
# CONFIG_IA64_XEN_GUEST and ext2.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Test::More;

use Paravane qw(program product run_program free_port);

my $kernel = $ENV{PARAVANE_UPSTREAM_KERNEL} || product('kernel');
diag('PARAVANE_UPSTREAM_KERNEL names no kernel: 6.1 only') if !$ENV{PARAVANE_UPSTREAM_KERNEL};

my $dir = tempdir(CLEANUP => 1);
$ENV{XDG_RUNTIME_DIR} = "$dir/run";
mkdir "$dir/run", 0700 or die;

sub slurp {
	open my $file, '<:raw', $_[0] or die "$_[0]: $!\n";
	local $/;
	return <$file>;
}

sub spew {
	my ($path, $bytes) = @_;

	open my $file, '>:raw', $path or die "$path: $!\n";
	print $file $bytes;
	close $file;
}

# The root file system, with a start-up for a kernel that makes no device nodes.
mkdir "$dir/root";
my $initrd = product('initrd');
system("cd '$dir/root' && cpio -idm --quiet <'$initrd' 2>/dev/null");
spew("$dir/root/etc/inittab", <<'END');
::sysinit:/etc/init.d/domain
hvc0::respawn:/sbin/getty -L 0 hvc0 vt100
END
spew("$dir/root/etc/passwd", "root::0:0:root:/root:/bin/sh\n");
spew("$dir/root/etc/init.d/domain", <<'END');
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
ifconfig lo 127.0.0.1 up
END
chmod 0755, "$dir/root/etc/init.d/domain";
unlink "$dir/root/init";
spew("$dir/nodes", <<'END');
cd dev
mknod console c 5 1
mknod null c 1 3
mknod zero c 1 5
mknod tty c 5 0
mknod hvc0 c 229 0
mknod xvda b 202 0
mknod xvdb b 202 16
mknod xvdc b 202 32
END
system("cd '$dir/root' && rm -rf dev && mkdir -p dev proc sys && cd '$dir' &&"
	. " truncate -s 32M '$dir/root.ext2' &&"
	. " /sbin/mke2fs -q -t ext2 -I 128 -O ^dir_index,^resize_inode -d root root.ext2"
	. " >/dev/null 2>&1 && /sbin/debugfs -w -f nodes root.ext2 >/dev/null 2>&1") == 0
	or die "no root file system\n";

# Bytes without a pattern that a wrong offset could hide in.
my ($x, @words) = 1;
push @words, $x = ($x * 1103515245 + 12345) & 0xffffffff for 1 .. 1 << 20;
my $content = pack 'V*', @words;

# A domain with a root disk of its own, as far as a plain shell.
sub domain {
	my ($name, @args) = @_;

	system('cp', "$dir/root.ext2", "$dir/$name.img");
	my $g = Paravane->start_program(program(), 'create', '--name', $name, '--kernel', $kernel,
		'--memory', '256', '--extra', 'console=hvc0 root=/dev/xvda rw',
		'--disk', "$dir/$name.img,raw,xvda,w", @args);
	$g->expect(qr/login: /);
	$g->type("root\n");
	$g->expect(qr/# /);
	$g->type("PS1= PS2=; stty -echo; dmesg -n 1; echo rea''dy\n");
	$g->expect(qr/ready\s*\n/);
	return $g;
}

for my $vcpus (1, 4) {
	my $t = "$vcpus vCPU" . ($vcpus > 1 ? 's' : '');
	my ($port, $name) = (free_port(), "upstream-$vcpus");

	spew("$dir/data", $content);
	spew("$dir/more", substr $content, 1 << 20, 1 << 20);
	my $g = domain($name, '--vcpus', $vcpus, '--disk', "$dir/data,raw,xvdb,w",
		'--vif', "mac=02:00:00:00:00:07,hostfwd=tcp:$port:5555");
	pass("$t: a login on the console");
	like($g->command('cat /proc/mounts'), qr{^/dev/root / ext2 rw}m,
		"$t: the root is on a disk");
	is($g->command('grep -c ^processor /proc/cpuinfo'), "$vcpus\n", "$t: processors");

	is($g->command('md5sum </dev/xvdb'), md5_hex($content) . "  -\n",
		"$t: the guest reads what is in the file");
	is($g->command('dd if=/dev/xvdb bs=512 skip=777 count=3 2>/dev/null | md5sum'),
		md5_hex(substr $content, 777 * 512, 3 * 512) . "  -\n", "$t: a few sectors");
	$g->command('dd if=/dev/xvdb bs=64k count=16 2>/dev/null |'
		. ' dd of=/dev/xvdb bs=64k seek=32 conv=notrunc,fsync 2>/dev/null');
	is(md5_hex(substr slurp("$dir/data"), 2 << 20, 1 << 20),
		md5_hex(substr $content, 0, 1 << 20), "$t: what was flushed is in the file");

	$g->command('udhcpc -i eth0 -n -q -t 10 -T 1');
	like($g->command('ifconfig eth0'), qr/HWaddr 02:00:00:00:00:07.*inet addr:10\.0\.2\.15/s,
		"$t: an address by DHCP");
	# A client of the host's sends, and gets back, as much as goes through many windows.
	$g->type("nc -l -p 5555 -e cat; echo served\n");
	my $echo = '';
	for (1 .. 50) {
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or next;
		my $sender = fork // die;
		if (!$sender) {
			print $s $content;
			$s->shutdown(1);
			POSIX::_exit(0);
		}
		local $/;
		$echo = <$s> // '';
		waitpid $sender, 0;
		last if length $echo;
		sleep 1;
	}
	is(md5_hex($echo), md5_hex($content), "$t: 4 MB to a server in the guest and back");
	$g->expect(qr/served\s*\n/);

	# Plugged in while it runs.
	is((run_program('block-attach', $name, "$dir/more,raw,xvdc,r"))[0], 0, "$t: block-attach");
	is($g->command('i=0; while [ ! -e /sys/block/xvdc ] && [ $i -lt 100 ]; do sleep 1;'
		. ' i=$((i + 1)); done; md5sum </dev/xvdc'),
		md5_hex(substr $content, 1 << 20, 1 << 20) . "  -\n",
		"$t: the guest has a new disk");
	$g->command('echo x >/dev/xvdc; sync');
	is(md5_hex(slurp("$dir/more")), md5_hex(substr $content, 1 << 20, 1 << 20),
		"$t: which is read-only");
	is((run_program('network-attach', $name, 'mac=02:00:00:00:00:08'))[0], 0,
		"$t: network-attach");
	# Linux 2.6.32 has it before it has read its address.
	like($g->command('i=0; while ! ifconfig eth1 2>&1 | grep -q "HWaddr 02" && [ $i -lt 100 ]; do sleep 1;'
		. ' i=$((i + 1)); done; ifconfig eth1'), qr/HWaddr 02:00:00:00:00:08/,
		"$t: the guest has a new card");
	is((run_program('network-detach', $name, '1'))[0], 0, "$t: network-detach");
	unlike($g->command('i=0; while ifconfig eth1 >/dev/null 2>&1 && [ $i -lt 100 ]; do sleep 1;'
		. ' i=$((i + 1)); done; ifconfig -a'), qr/eth1/, "$t: and has it no more");

	$g->no_complaints("$t: the kernel does not complain");
	$g->command('echo kept >/root/kept');
	$g->type("poweroff\n");
	is($g->finish, 0, "$t: poweroff ends with status 0");
	is(scalar `/sbin/debugfs -R 'cat root/kept' '$dir/$name.img' 2>/dev/null`, "kept\n",
		"$t: the root file system has what was written");
}

# Two domains in two processes, with a wire between them.
my @end = map { domain("end-$_", '--vif', 'link=wire') } 1, 2;
$end[$_]->command("ifconfig eth0 192.168.77.$_ up") for 0, 1;
$end[0]->command('ifconfig eth0 192.168.77.2 up');
like($end[0]->command('ping -c 3 192.168.77.1'), qr/ 3 packets received/, 'link: ping');
# 8 MB that differ everywhere, in segments longer than a frame on a wire.
$end[0]->command('i=0; while [ $i -lt 64 ]; do echo $i; i=$((i + 1)); done >/tmp/seed;'
	. ' for n in 1 2 3 4 5 6 7 8 9 10; do'
	. ' cat /tmp/seed /tmp/seed >/tmp/x; md5sum /tmp/x >>/tmp/x;'
	. ' mv /tmp/x /tmp/seed; done; for n in 1 2 3 4 5 6; do cat /tmp/seed /tmp/seed >/tmp/x;'
	. ' mv /tmp/x /tmp/seed; done');
$end[1]->type("nc -l -p 7777 </dev/null >/tmp/got; md5sum </tmp/got; echo 'rec''eived'\n");
my ($sum) = $end[0]->command('md5sum </tmp/seed') =~ /^([0-9a-f]{32})/;
$end[0]->command('i=0; until nc 192.168.77.1 7777 </tmp/seed || [ $i -gt 60 ]; do sleep 1;'
	. ' i=$((i + 1)); done');
like($end[1]->expect(qr/received\s*\n/), qr/^$sum /m,
	'link: what one sends is what the other gets');
my ($sent) = $end[0]->command('cat /proc/net/dev') =~ /eth0:\s*(?:\d+\s+){8}(\d+)/;
my ($bytes) = $end[0]->command('wc -c </tmp/seed') =~ /(\d+)/;
cmp_ok($sent, '>', $bytes, 'link: all of it over the card');
for my $g (@end) {
	$g->type("poweroff\n");
	is($g->finish, 0, 'link: poweroff');
}

# A bridge of this machine's. Each run has addresses of its own: a killed one leaves its bridge.
SKIP: {
	my $bridge = "pvt$$";
	my $net = join '.', 10, 64 + ($$ >> 8 & 63), $$ & 255;
	my $made = $> == 0 && !system("ip link add name $bridge type bridge 2>/dev/null");

	skip 'this user may not make a bridge', 5 if !$made;
	system("ip addr add $net.1/24 dev $bridge && ip link set $bridge up");
	my $listener = IO::Socket::INET->new(LocalAddr => "$net.1", Listen => 1)
		or die "listen: $!\n";
	my $g = domain('bridged', '--vif', "bridge=$bridge");
	$g->command("ifconfig eth0 $net.2 netmask 255.255.255.0 up");
	like($g->command("ping -c 3 $net.1"), qr/ 3 packets received/, 'bridge: ping');
	$g->type("nc -l -p 7777 </dev/null | md5sum; nc $net.1 " . $listener->sockport
		. " </dev/zero & sleep 1; echo 'sta''rted'; wait\n");
	my $to;
	for (1 .. 100) {
		$to = IO::Socket::INET->new(PeerAddr => "$net.2", PeerPort => 7777) and last;
		select undef, undef, undef, 0.2;
	}
	print $to $content;
	close $to;
	my $sum = md5_hex($content);
	like($g->expect(qr/  -\s*\n/), qr/$sum/, 'bridge: 4 MB to the guest');
	my $from = $listener->accept;
	my ($got, $zeros) = ('', 0);
	$zeros += length $got while $zeros < 4 << 20 && sysread($from, $got, 65536)
		&& $got !~ /[^\0]/;
	cmp_ok($zeros, '>=', 4 << 20, 'bridge: 4 MB from the guest');
	close $from;
	$g->expect(qr/started\s*\n/);
	$g->type("\n");
	is((run_program('network-list', 'bridged'))[0], 0, 'bridge: network-list');
	$g->type("poweroff\n");
	is($g->finish, 0, 'bridge: poweroff');
	system("ip link del $bridge 2>/dev/null");
}

# Reboots, ends and crashes as told, from the root disk.
for my $vcpus (1, 4) {
	my $t = "$vcpus vCPU" . ($vcpus > 1 ? 's' : '');

	system('cp', "$dir/root.ext2", "$dir/life.img");
	spew("$dir/life.cfg", <<"END");
name = "life"
kernel = "$kernel"
memory = 256
vcpus = $vcpus
disk = ["$dir/life.img,raw,xvda,w"]
root = "/dev/xvda"
extra = "console=hvc0 rw"
on_reboot = "restart"
on_crash = "preserve"
END
	is((run_program('create', "$dir/life.cfg"))[0], 0, "$t: create");
	my $g = Paravane->start_program(program(), 'console', 'life');
	for my $again ('', ', once more') {
		$g->expect(qr/login: /);
		$g->type("root\n");
		$g->expect(qr/# /);
		pass("$t: a login$again");
		$g->type("reboot\n") if !$again;
	}
	is((run_program('domid', 'life'))[0], 0, "$t: it is there after a reboot");
	$g->type("echo c >/proc/sysrq-trigger\n");
	my $state = '';
	for (1 .. 5 * $Paravane::patience) {
		($state) = (run_program('list', 'life'))[1] =~ /^life\s+\d+\s+\d+\s+\d+\s+(\S+)/m;
		last if $state eq '---sc-';
		select undef, undef, undef, 0.2;
	}
	is($state, '---sc-', "$t: a panic is a crash");
	is((run_program('destroy', 'life'))[0], 0, "$t: destroy");
	is((run_program('create', "$dir/life.cfg"))[0], 0, "$t: create it again");
	$g = Paravane->start_program(program(), 'console', 'life');
	$g->expect(qr/login: /);
	is((run_program('shutdown', '-w', 'life'))[0], 0, "$t: shutdown -w");
	# It may still be on its way out.
	for (1 .. 5 * $Paravane::patience) {
		last if (run_program('list'))[1] !~ /^life\s/m;
		select undef, undef, undef, 0.2;
	}
}

done_testing;
