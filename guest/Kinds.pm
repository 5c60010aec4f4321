# SPDX-License-Identifier: GPL-2.0-or-later
# For programs that run tests in a guest as a machine and as a domain, and compare the two.
package Kinds;
use strict;
use warnings;

use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Handle;
use lib dirname(__FILE__) . '/../tests/lib';

use Paravane qw(product);

our @EXPORT_OK = qw(@kinds run_disk expected compare);
our @kinds = qw(hvm pv);

$ENV{XDG_RUNTIME_DIR} = tempdir(CLEANUP => 1);
$| = 1;

# run_disk(PROGRAM, KIND, KERNEL, DISK, LOG, CALL, PARAMETERS): boots the kernel with the guest's
# initramfs, the parameters, if any, and the disk, which has a program autorun, and calls CALL with each line that the guest says; all of it is
# left in the file LOG-KIND.log beside the program. False unless autorun ended with status 0 and the
# guest powered off.
sub run_disk {
	my ($program, $kind, $kernel, $disk, $log, $call, $parameters) = @_;
	my $append = 'quiet ' . ($parameters // '') . ' autorun=/dev/';
	my @command = $kind eq 'hvm'
		? ('run', '--initrd', product('initrd'), '--append', "console=ttyS0 ${append}vda",
			'--memory', '1G', '--disk', "$disk,ro")
		: ('create', '--ramdisk', product('initrd'), '--extra',
			"console=hvc0 ${append}xvda", '--memory', '1024',
			'--disk', "$disk,raw,xvda,r");
	my $ended;

	$log = dirname($program) . "/$log-$kind.log";
	open my $copy, '>', $log or die "$log: $!\n";
	$copy->autoflush;
	# No terminal: control-C ends this program.
	open my $guest, '-|', 'sh', '-c', 'exec "$@" </dev/null', 'sh', $program, @command,
		'--kernel', $kernel, '--vcpus', 2 or die "$program: $!\n";
	while (<$guest>) {
		s/[\r\n]+$//;
		print $copy "$_\n";
		$ended = 1 if /^autorun: status 0/;
		$call->($_);
	}
	return 1 if close($guest) && $ended;
	print "$kind: the guest did not come to the end of the tests; what it said is in $log\n";
	return 0;
}

# The failures that are expected: a hash of the lines "NAME -- REASON" of a file.
sub expected {
	my ($path) = @_;

	open my $file, '<', $path or die "$path: $!\n";
	return map { /^([^#].*?) -- (.+)$/ ? ($1, $2) : () } <$file>;
}

# compare(HASH of each of @kinds, each of NAME => RESULT): prints where they differ; returns how often.
sub compare {
	my ($hvm, $pv) = @_;
	my $differ = 0;

	for my $name (sort keys %{{%$hvm, %$pv}}) {
		my ($h, $p) = map { $_->{$name} // 'not run' } $hvm, $pv;

		next if $h eq $p;
		print "$name: $h as hvm, $p as pv\n";
		$differ++;
	}
	return $differ;
}

1;
