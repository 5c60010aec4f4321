#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest boots and works, its disk too, with every 100th run of a translation done again by the
# interpreter, as a machine and as a domain, with several vCPUs: no run differs, and runs were compared.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(run_program);

my $dir = tempdir('/tmp/paravane-lockstep-XXXXXX', CLEANUP => 1);
my $bytes = join '', map { pack 'N', $_ } 1 .. 16384;

# What `debug jit` says; of that, milliseconds of all vCPUs: all, translating, in translations.
sub told {
	return (run_program('debug', $_[0], 'jit'))[1];
}

sub times_of {
	my ($told) = @_;
	my ($sum, %of) = (0);

	for ($told =~ /^jit milliseconds (.*)$/mg) {
		while (/(\w+)=(\d+)/g) {
			$of{$1} += $2;
			$sum += $2;
		}
	}
	return ($sum, $of{translating} // 0, $of{translated} // 0);
}

$ENV{XDG_RUNTIME_DIR} = $dir;
for my $kind (qw(hvm pv)) {
	my $disk = $kind eq 'pv' ? 'xvda' : 'vda';

	open my $image, '>:raw', "$dir/$kind" or die "$dir/$kind: $!\n";
	print $image $bytes, "\0" x length $bytes;
	close $image;
	my $g = Paravane->boot_as($kind, '--check=lockstep=100', '--name', $kind, '--vcpus', '2', '--disk',
		"$dir/$kind,raw,xvda,rw");

	is($g->command("dd if=/dev/$disk of=/dev/$disk bs=4k count=16 seek=16 conv=fsync 2>/dev/null;"
		. " dd if=/dev/$disk bs=64k skip=1 2>/dev/null | md5sum"), md5_hex($bytes) . "  -\n",
		"$kind: the disk");
	is($g->command('for i in 1 2 3 4 5; do ls -l /proc/[0-9]* 2>&1 | md5sum & done | wc -l'), "5\n",
		"$kind: programs run");
	my $told = told($kind);
	my ($before) = times_of($told);
	is($g->command('sleep 5; echo slept'), "slept\n", "$kind: it sleeps");
	my ($after, $translating, $translated) = times_of(told($kind));
	cmp_ok($translating * $translated, '>', 0, "$kind: the time for translating and for translations");
	cmp_ok($after - $before, '<', 2500, "$kind: sleeping is no time of the translator's");
	$g->type("poweroff\n");
	is($g->finish, 0, "$kind: it powers off");
	for my $vcpu (0, 1) {
		my ($compared) = $told =~ /^lockstep: vCPU $vcpu: (\d+) runs compared, \d+ not repeatable$/m;
		cmp_ok($compared // 0, '>', 100, "$kind: runs of vCPU $vcpu were compared");
	}
}
done_testing;
