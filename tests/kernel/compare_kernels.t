#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# guest/compare-kernels, which "make test-stock" trusts to see any difference between two kernels.
use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $dir = tempdir(CLEANUP => 1);

# Stores bytes in a file, from an offset on.
sub poke {
	my ($path, $offset, $bytes) = @_;

	open my $file, '+<:raw', $path or die "$path: $!\n";
	seek $file, $offset, 0 or die;
	print $file $bytes;
	close $file or die;
}

# The same file, as vmlinux and as a module, in both folders.
sub same {
	for my $folder (qw(one two)) {
		make_path("$dir/$folder/lib");
		copy("$dir/object", "$dir/$folder/$_") or die for qw(vmlinux lib/a.ko);
	}
}

# (status, what it said)
sub compare {
	my $said = `guest/compare-kernels $dir/one $dir/two 2>&1`;

	return ($? >> 8, $said);
}

open my $s, '>', "$dir/s.s" or die;
print $s ".explicit\n{ .mii\nadd r8=r9,r10\nnop 0\nnop 0 ;; }\n.data\n.skip 64\n";
close $s;
system("ia64-linux-gnu-as -o $dir/object $dir/s.s") == 0 or die "as\n";
my ($text) = `readelf -SW $dir/object` =~ /\s\.text\s+PROGBITS\s+[0-9a-f]+ ([0-9a-f]+)/
	or die "no .text\n";

same();
my ($status, $said) = compare();
is($status, 0, 'two that are the same') or diag($said);
like($said, qr/^2 files the same, 0 not$/m, '... of all files');

poke("$dir/two/vmlinux", hex($text) + 3, "\xff");
($status, $said) = compare();
is($status, 1, 'a byte of the code differs');
like($said, qr/^vmlinux:\n    \.text 1 bytes differ, the first at 0x3 of 0x10\n/m, '... which is named');
like($said, qr/^1 files the same, 1 not$/m, '... in one file');

same();
poke("$dir/one/lib/a.ko", 48, "\x55");
($status, $said) = compare();
is($status, 1, 'a byte of the ELF header of a module differs');
like($said, qr{^lib/a\.ko:\n    what is in no section differs$}m, '... which is said');

same();
unlink "$dir/two/lib/a.ko";
($status, $said) = compare();
is($status, 1, 'a module is missing');
like($said, qr{^lib/a\.ko: in one of the folders only$}m, '... which is named');

unlink "$dir/two/vmlinux";
($status, $said) = compare();
isnt($status, 0, 'a folder without a kernel');
like($said, qr{/two: no vmlinux in it$}m, '... is refused');

done_testing;
