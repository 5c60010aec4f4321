#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# One configuration file, and Linux as both kinds of domains: it boots in the background, has its
# disk and its network, stops and goes on, leaves a core that GDB reads, restarts, and shuts down.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use JSON::PP;
use Test::More;

use Commands;
use Paravane qw(product);

my $kernel = product('kernel');
my $vmlinux = product('vmlinux');
my $initrd = product('initrd');
my $bytes = join '', map { chr(($_ * 7 + ($_ >> 8)) % 251) } 1 .. 65536;
my $config = file('guest.cfg', <<"END");
name = "guest"
kernel = "$kernel"
ramdisk = "$initrd"
extra = "console=hvc0"
memory = 256
vcpus = 2
disk = [ '$dir/disk.img,raw,xvda,rw' ]
vif = [ '' ]
END

for my $kind (qw(pv hvm)) {
	my $disk = $kind eq 'pv' ? 'xvda' : 'vda';

	open my $image, '>:raw', "$dir/disk.img" or die "$dir/disk.img: $!\n";
	print $image $bytes;
	truncate $image, 4 << 20;
	close $image;
	good('create', $config, "type=$kind");
	is(domains()->{guest}{type}, $kind, "$kind: create, list");
	my $g = console('guest')->login;
	pass("$kind: boots to a shell");
	is($g->command('nproc'), "2\n", "$kind: two vCPUs");
	is(domains()->{guest}{online}, 2, "$kind: list has them");
	is($g->command("dd if=/dev/$disk bs=64k count=1 2>/dev/null | md5sum"), md5_hex($bytes) . "  -\n",
		"$kind: the disk, read");
	$g->command("dd if=/dev/$disk of=/dev/$disk bs=64k count=1 seek=1 conv=fsync 2>/dev/null");
	open $image, '<:raw', "$dir/disk.img" or die "$dir/disk.img: $!\n";
	seek $image, 65536, 0;
	read $image, my $copy, 65536;
	is(md5_hex($copy), md5_hex($bytes), "$kind: the disk, written");
	my ($top) = @{decode_json(good('top', '--json', '-i', 1))};
	cmp_ok($top->{block_read_bytes}, '>=', 65536, "$kind: top: what was read");
	cmp_ok($top->{block_written_bytes}, '>=', 65536, "$kind: top: what was written");
	cmp_ok($top->{net_rx_bytes}, '>', 500, "$kind: top: what was received");
	cmp_ok($top->{net_tx_bytes}, '>', 500, "$kind: top: what was sent");
	like($g->command('ifconfig eth0'), qr/inet addr:10\.0\.2\.15 /, "$kind: an address by DHCP");

	good('pause', 'guest');
	is(domains()->{guest}{state}, '--p---', "$kind: pause");
	good('dump-core', 'guest', "$dir/$kind.core");
	my $gdb = `timeout 600 gdb-multiarch -nx -batch -ex 'set osabi GNU/Linux' -ex 'file $vmlinux' -ex 'core $dir/$kind.core' -ex 'info threads' -ex 'x/s &linux_banner' 2>&1`;
	like($gdb, qr/<linux_banner>:\t"Linux version 6\.1\.\S+ /, "$kind: dump-core: GDB finds variables");
	is(scalar(() = $gdb =~ /^[ *] \d+ .* 0x[0-9a-f]{16} in/mg), 2, "$kind: dump-core: GDB has both vCPUs")
		or diag($gdb);
	good('unpause', 'guest');
	is($g->command('echo on'), "on\n", "$kind: unpause");

	$g->type("reboot -f\n");
	$g->login;
	is(domains()->{guest}{restarts}, 1, "$kind: restarts");
	is($g->command('nproc'), "2\n", "$kind: two vCPUs after that");

	# From outside: a domain is asked in the store, a machine by its power button, to which acpid
	# listens.
	good('reboot', '-w', 'guest');
	is(domains()->{guest}{restarts}, 2, "$kind: reboot -w: it has restarted when it returns");
	$g->login;
	is($g->command('pidof acpid >/dev/null && echo yes || echo no'),
		$kind eq 'hvm' ? "yes\n" : "no\n", "$kind: whether there is a button to listen to");
	good('shutdown', '-w', 'guest');
	ok(!domains()->{guest}, "$kind: shutdown -w: it has gone when it returns");
	is($g->finish, 0, "$kind: the console ends");
	like(good('dmesg', 'guest'), qr/: shutdown \(reboot\)\n.*: shutdown \(poweroff\)\n/s,
		"$kind: what the log says");
}

done_testing;
