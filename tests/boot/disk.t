#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks: raw and qcow2, read-only, snapshots, flushes; what the guest reads is in the file, and the
# other way.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Test::More;

use Paravane;

my $dir = tempdir(CLEANUP => 1);
my $size = 8 << 20;

sub slurp {
	my ($path) = @_;

	open my $file, '<:raw', $path or die "$path: $!\n";
	local $/;
	return <$file>;
}

sub spew {
	my ($path, $bytes) = @_;

	open my $file, '>:raw', $path or die "$path: $!\n";
	print $file $bytes;
	close $file;
}

# Bytes without a pattern that a wrong offset could hide in.
my ($x, @words) = 1;
push @words, $x = ($x * 1103515245 + 12345) & 0xffffffff for 1 .. $size / 4;
my $content = pack 'V*', @words;

spew("$dir/$_", $content) for qw(raw ro snapshot source);
system('qemu-img', 'convert', '-q', '-f', 'raw', '-O', 'qcow2', "$dir/source", "$dir/$_") == 0
	or die "qemu-img failed\n"
	for qw(qcow2 qsnapshot);
my $qsnapshot = md5_hex(slurp("$dir/qsnapshot"));

my $g = Paravane->boot('--disk', "$dir/raw", '--disk', "$dir/ro,ro", '--disk',
	"$dir/snapshot,snapshot",
	'--disk', "$dir/qcow2,format=qcow2", '--disk', "$dir/qsnapshot,format=qcow2,snapshot");
my %disk = (raw => 'vda', ro => 'vdb', snapshot => 'vdc', qcow2 => 'vdd', qsnapshot => 'vde');

for my $kind (sort keys %disk) {
	my $dev = $disk{$kind};
	is($g->command("cat /sys/block/$dev/size"), $size / 512 . "\n", "$kind: size");
	is($g->command("cat /sys/block/$dev/ro"), ($kind eq 'ro' ? 1 : 0) . "\n",
		"$kind: may it be written");
	is($g->command("md5sum </dev/$dev"), md5_hex($content) . "  -\n",
		"$kind: the guest reads what is in the file");
	is($g->command("dd if=/dev/$dev bs=512 skip=12345 count=3 2>/dev/null | md5sum"),
		md5_hex(substr $content, 12345 * 512, 3 * 512) . "  -\n", "$kind: a few sectors");
}

isnt(($g->command('dd if=/dev/zero of=/dev/vdb bs=4k count=1 conv=fsync 2>/dev/null'))[1], 0,
	'ro: a write fails');

# 1 MB of known text at 2 MB, and a file system on the rest of the time.
my $text = 'Paravane' x (1 << 17);
for my $kind (qw(raw snapshot qcow2 qsnapshot)) {
	my $dev = $disk{$kind};
	is(($g->command("yes Paravane | tr -d '\\n' |"
		. " dd of=/dev/$dev bs=64k seek=32 count=16 iflag=fullblock conv=notrunc,fsync"
		. ' 2>/dev/null'))[1],
		0, "$kind: a write");
	is($g->command('echo 3 >/proc/sys/vm/drop_caches;'
		. " dd if=/dev/$dev bs=1M skip=2 count=1 2>/dev/null | md5sum"),
		md5_hex($text) . "  -\n", "$kind: it is read back");
}

# fsync has returned in the guest, so the bytes are in the file, though the program still runs.
is(substr(slurp("$dir/raw"), 2 << 20, 1 << 20), $text,
	'raw: what was flushed is in the file at once');
is(md5_hex(slurp("$dir/snapshot")), md5_hex($content), 'snapshot: the file is as it was');
is(md5_hex(slurp("$dir/qsnapshot")), $qsnapshot, 'qsnapshot: the file is as it was');

is(($g->command('mke2fs -F /dev/vdd >/dev/null 2>&1 &&'
	. ' mount -t ext4 /dev/vdd /mnt && cp -r /etc /mnt && umount /mnt'))[1], 0,
	'qcow2: a file system');
is($g->command('mount -t ext4 /dev/vdd /mnt && cat /mnt/etc/hostname && umount /mnt'),
	$g->command('cat /etc/hostname'),
	'qcow2: and a file in it');
unlike($g->command('dmesg'), qr/I\/O error.*dev vd[acde]/,
	'no errors but those of the read-only disk');
$g->type("poweroff\n");
is($g->finish, 0, 'poweroff');

substr($content, 2 << 20, 1 << 20) = $text;
is(md5_hex(slurp("$dir/raw")), md5_hex($content), 'raw: the file is what the guest made it');
is(md5_hex(slurp("$dir/ro")), md5_hex(slurp("$dir/source")), 'ro: the file is as it was');
is(md5_hex(slurp("$dir/snapshot")), md5_hex(slurp("$dir/source")),
	'snapshot: the file is as it was, at the end too');
is(system("qemu-img check -q $dir/qcow2"), 0, 'qcow2: the image is sound');
is(system("qemu-img convert -q -f qcow2 -O raw $dir/qcow2 $dir/back"
	. " && grep -aq paravane $dir/back"), 0, 'qcow2: it holds what was written');
is(md5_hex(slurp("$dir/qsnapshot")), $qsnapshot,
	'qsnapshot: the file is as it was, at the end too');

done_testing;
