# SPDX-License-Identifier: GPL-2.0-or-later
# Commands on domains and what they print, for tests: in a folder of their own, where there are no
# domains but the test's.
package Commands;
use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);

use Paravane qw(program run_program);

our @EXPORT = qw($dir file good bad domains wait_state wait_gone console);

our $dir = tempdir('/tmp/paravane-cli-XXXXXX', CLEANUP => 1);
$ENV{XDG_RUNTIME_DIR} = $dir;
$ENV{XDG_STATE_HOME} = "$dir/state";

sub file {
	my ($name, $content) = @_;

	open my $file, '>', "$dir/$name" or die "$dir/$name: $!\n";
	print $file $content;
	close $file;
	return "$dir/$name";
}

# A command that must succeed; returns what it prints.
sub good {
	my ($status, $out, $err) = run_program(@_);

	is($status, 0, "@_: status 0") or diag($err);
	is($err, '', "@_: nothing on standard error");
	return $out;
}

# A command that must fail, with one line that matches.
sub bad {
	my ($says, @args) = @_;
	my ($status, $out, $err) = run_program(@args);

	is($status, 1, "@args: status 1");
	like($err, qr/^paravane: [^\n]+\n$/, "@args: one line");
	like($err, $says, "@args: says what");
}

# All domains, by name.
sub domains {
	return { map { $_->{name} => $_ } @{decode_json((run_program('list', '--json'))[1])} };
}

# Waits until a domain is in a state that matches; returns it.
sub wait_state {
	my ($name, $state) = @_;
	my $domain;

	for (1 .. $Paravane::patience * 20) {
		$domain = domains()->{$name};
		return $domain if $domain && $domain->{state} =~ $state;
		sleep 0.05;
	}
	die "domain $name is not in state $state but " . ($domain ? $domain->{state} : 'gone') . "\n";
}

sub wait_gone {
	my ($name) = @_;

	for (1 .. $Paravane::patience * 20) {
		return 1 if !domains()->{$name};
		sleep 0.05;
	}
	die "domain $name is still there\n";
}

# The console in the background; ->expect, ->type as for a guest of `run`.
sub console {
	return Paravane->start_program(program(), 'console', @_);
}

1;
