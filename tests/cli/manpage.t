#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The man pages say what there is: each command with its options, each key of configuration files, and
# nothing else. The programs' own help is what there is.
use strict;
use warnings;

use Test::More;

use Paravane qw(run_program);

# A man page as [section, tag, body] for each paragraph with a tag, and the text of sections.
sub paragraphs {
	my ($file) = @_;
	my ($section, $tagged, @all) = ('', 0);

	open my $in, '<', $file or die "$file: $!\n";
	while (my $line = <$in>) {
		if ($line =~ /^\.S[HS] "?(.*?)"?$/) {
			($section, $tagged) = ($1, 0);
			push @all, [$section, '', ''];
		} elsif ($line =~ /^\.TP/) {
			$tagged = 1;
		} elsif ($tagged) {
			push @all, [$section, plain($line), ''];
			$tagged = 0;
		} elsif (@all) {
			$all[-1][2] .= plain($line);
		}
	}
	return @all;
}

# A line without its macros, fonts and quotes.
sub plain {
	my ($line) = @_;

	if ($line =~ s/^\.([BIR]{1,2})\s+//) {
		my $joined = length($1) == 2;
		my @words;
		push @words, $1 // $2 while $line =~ /"([^"]*)"|(\S+)/g;
		$line = join($joined ? '' : ' ', @words) . "\n";
	} elsif ($line =~ /^\./) {
		return '';
	}
	$line =~ s/\\f[A-Z]//g;
	$line =~ s/\\\(dq/"/g;
	$line =~ s/\\(.)/$1/g;
	return $line;
}

sub options_in {
	my ($text) = @_;

	return map { $_ => 1 } $text =~ /(?<![\w-])(--[a-z][a-z-]*|-[a-zA-Z])(?![\w-])/g;
}

sub same_sets {
	my ($is, $should, $t) = @_;

	is(join(' ', sort keys %$is), join(' ', sort keys %$should), $t);
}

my @page = paragraphs('docs/paravane.1');
my ($help) = (run_program('help'))[1];
my @commands = $help =~ /^  ([a-z-]+) +\S/mg;
cmp_ok(@commands, '>', 30, 'the help has commands');

# Options of other programs, and of other commands, that a command's paragraph has to name.
my %others = (
	disassemble => { '-d' => 1 },                   # objdump's
	debug => {},
);

# What the page says of each command: its own paragraphs, or for run a section.
my %text;
for my $paragraph (@page) {
	my ($section, $tag, $body) = @$paragraph;

	if ($section eq 'OPTIONS OF RUN') {
		$text{run} .= "$tag";
		next;
	}
	next if $tag eq '';
	for my $command (@commands) {
		$text{$command} .= "$tag $body" if $tag =~ /^\Q$command\E(?![\w-])/
			|| $tag =~ /, \Q$command\E [A-Z]+\s*$/;
	}
}

for my $command (@commands) {
	my $out = (run_program('help', $command))[1];
	my %is = options_in(join "\n", $out =~ /^  (-.*?)(?:  .*)?$/mg);
	my %said = options_in($text{$command} // '');

	ok(defined $text{$command}, "paravane.1 has $command") or next;
	delete $said{$_} for keys %{$others{$command} // {}};
	same_sets(\%said, \%is, "paravane.1 has the options of $command");
	like((run_program($command, '--help'))[1], qr/^Usage: paravane \Q$command\E/, "$command --help");
}

# And no other command.
for my $paragraph (grep { $_->[0] =~ /^(Starting|Life|Lists|vCPUs and memory|Devices|Looking inside)$/
		&& $_->[1] ne '' } @page) {
	my ($word) = $paragraph->[1] =~ /^([a-z-]+)/ or die "no command: $paragraph->[1]";

	ok((grep { $_ eq $word } @commands), "$word of paravane.1 is a command");
}

# Keys: an unknown one is answered with all there are.
my ($keys) = (run_program('config-check', '/dev/null', 'nosuchkey=1'))[2] =~ /accepted: (.*)/;
my %is = map { $_ => 1 } split ' ', $keys // '';
my %said;
for my $paragraph (grep { $_->[0] eq 'KEYS' && $_->[1] =~ /^[a-z_]+(, [a-z_]+)*\s*$/ }
		paragraphs('docs/paravane.cfg.5')) {
	$said{$_} = 1 for $paragraph->[1] =~ /[a-z_]+/g;
}
delete $said{$_} for qw(destroy restart preserve); # values
$said{builder} = 1 if grep { $_->[2] =~ /builder = "generic"/ } paragraphs('docs/paravane.cfg.5');
same_sets(\%said, \%is, 'paravane.cfg.5 has all keys');

done_testing;
