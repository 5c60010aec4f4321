# SPDX-License-Identifier: GPL-2.0-or-later
# For programs that run tests in a guest as a machine and as a domain, and compare the two.
package Kinds;
use strict;
use warnings;

use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Handle;
use IO::Select;
use lib dirname(__FILE__) . '/../tests/lib';

use Paravane qw(product);

our @EXPORT_OK = qw(@kinds run_disk expected compare);
our @kinds = qw(hvm pv);

$ENV{XDG_RUNTIME_DIR} = tempdir(CLEANUP => 1);
$| = 1;

# run_disk(PROGRAM, KIND, KERNEL, DISK, LOG, CALL, OPTION => VALUE...): boots the kernel with the
# guest's initramfs and the disk, which has a program autorun, and calls CALL with each line that the
# guest says; all of it is left in the file LOG-KIND.log beside the program. Every half minute a line
# tells how far it is. False unless autorun ended with status 0 and the guest powered off: a guest that
# is silent for $Paravane::patience seconds, or runs for ten times as long, is ended. Options:
#	parameters	the kernel's command line; "quiet" if not given
#	vcpus		processors; 2 if not given
#	scratch		a file that is a second disk, which may be written
#	net		true: a network card
sub run_disk {
	my ($program, $kind, $kernel, $disk, $log, $call, %option) = @_;
	my $append = ($option{parameters} // 'quiet') . ' autorun=/dev/';
	my $patience = $Paravane::patience;
	my @command = $kind eq 'hvm'
		? ('run', '--initrd', product('initrd'), '--append', "console=ttyS0 ${append}vda",
			'--memory', '1G', '--disk', "$disk,ro",
			$option{scratch} ? ('--disk', $option{scratch}) : (),
			$option{net} ? ('--net', 'user') : ())
		: ('create', '--ramdisk', product('initrd'), '--extra',
			"console=hvc0 ${append}xvda", '--memory', '1024',
			'--disk', "$disk,raw,xvda,r",
			$option{scratch} ? ('--disk', "$option{scratch},raw,xvdb,w") : (),
			$option{net} ? ('--vif', '') : ());
	my ($ended, $why);

	$log = dirname($program) . "/$log-$kind.log";
	open my $copy, '>', $log or die "$log: $!\n";
	$copy->autoflush;
	# No terminal: control-C ends this program.
	my $pid = open my $guest, '-|', 'sh', '-c', 'exec "$@" </dev/null', 'sh', $program, @command,
		'--kernel', $kernel, '--vcpus', $option{vcpus} // 2 or die "$program: $!\n";
	my $ready = IO::Select->new($guest);
	my ($started, $shown, $rest) = (time, time, '');
	while (1) {
		$why = "said nothing for $patience s" if !$ready->can_read($patience);
		$why = 'ran for ' . (time - $started) . ' s' if time - $started > 10 * $patience;
		last if $why || !sysread $guest, $rest, 65536, length $rest;
		while ($rest =~ s/^(.*?)\r*\n//) {
			my $line = $1;

			print $copy "$line\n";
			$ended = 1 if $line =~ /^autorun: status 0/;
			$call->($line);
			next if time - $shown < 30;
			$shown = time;
			printf "%s, %d:%02d: %.80s\n", $kind, ($shown - $started) / 60,
				($shown - $started) % 60, $line;
		}
	}
	kill 'KILL', $pid if $why;
	return 1 if close($guest) && $ended && !$why;
	printf "%s: the guest did not come to the end of the tests%s; what it said is in %s\n", $kind,
		$why ? ": it $why, and was ended" : '', $log;
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
