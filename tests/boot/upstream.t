#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# An old kernel as it was published, for real machines (CONFIG_IA64_GENERIC or DIG): 2.6.32 or so,
# with virtio, an 8250 console and an initramfs built in. PARAVANE_UPSTREAM_KERNEL_HVM names it.
#
# Programs of today's C library do not all run there: ls finds nothing, as fstatat() lacks a flag;
# before 2.6.32 time() is wrong, as there is no CLOCK_REALTIME_COARSE.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(product);

my $kernel = $ENV{PARAVANE_UPSTREAM_KERNEL_HVM};
plan skip_all => 'PARAVANE_UPSTREAM_KERNEL_HVM names no kernel' if !$kernel;

my $dir = tempdir(CLEANUP => 1);
my $content = join '', map { pack 'N', $_ * 2654435761 & 0xffffffff } 1 .. 1 << 18;
open my $disk, '>', "$dir/disk" or die "$dir/disk: $!\n";
print $disk $content;
close $disk;

for my $vcpus (1, 4) {
	my $t = "$vcpus processor" . ($vcpus > 1 ? 's' : '');
	my $g = Paravane->start('--kernel', $kernel, '--initrd', product('initrd'), '--vcpus',
		$vcpus, '--memory', '512M', '--append', 'console=ttyS0 rdinit=/bin/sh', '--disk',
		"$dir/disk,format=raw", '--net', 'user');

	$g->expect(qr/# /);
	$g->type("PS1= PS2=; stty -echo; echo rea''dy\n");
	$g->expect(qr/ready\s*\n/);
	pass("$t: boots to a shell");
	$g->command('mount -t proc proc /proc; mount -t sysfs sysfs /sys');
	like($g->command('uname -sm'), qr/^Linux ia64$/, "$t: uname");
	is($g->command('grep -c ^processor /proc/cpuinfo'), "$vcpus\n", "$t: processors");
	cmp_ok(abs($g->command('touch /now; date -r /now +%s') - time), '<', 120,
		"$t: the date, from EFI");
	$g->command('mknod /dev/vda b $(tr : " " </sys/block/vda/dev)');
	is($g->command('md5sum </dev/vda'), md5_hex($content) . "  -\n", "$t: a disk");
	is($g->command('echo changed | dd of=/dev/vda conv=notrunc 2>/dev/null; sync; echo $?'),
		"0\n", "$t: is written to");
	$g->command('ifconfig eth0 10.0.2.15 up');
	like($g->command('ping -c 2 10.0.2.2'), qr/ 2 packets received/, "$t: a network");
	$g->no_complaints("$t: the kernel does not complain");
	$g->type("poweroff -f\n");
	is($g->finish, 0, "$t: poweroff ends with status 0");
	open $disk, '+<', "$dir/disk" or die;
	read $disk, my $start, 8;
	is($start, "changed\n", "$t: the disk has what was written");
	seek $disk, 0, 0;
	print $disk substr $content, 0, 8;
	close $disk;
}

done_testing;
