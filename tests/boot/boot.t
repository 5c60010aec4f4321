#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Linux boots with 1 and with 4 processors, as a machine and as a domain, and what it says about
# itself and computes is right.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(complaints warnings);

$ENV{XDG_RUNTIME_DIR} = tempdir(CLEANUP => 1);

for my $case (['hvm', 1], ['hvm', 4], ['pv', 1], ['pv', 4]) {
	my ($kind, $vcpus) = @$case;
	my $t = "$kind, $vcpus processor" . ($vcpus > 1 ? 's' : '');
	my $g = Paravane->boot_as($kind, '--vcpus', $vcpus, '--memory',
		$kind eq 'hvm' ? '768M' : '768');
	pass("$t: boots to a shell");

	like($g->command('uname -srm'), qr/^Linux 6\.1\.\S+ ia64$/, "$t: uname");
	is($g->command('nproc'), "$vcpus\n", "$t: nproc");
	is($g->command('grep -c "^family.*31" /proc/cpuinfo'), "$vcpus\n",
		"$t: of the family of Itanium 2");
	my ($memory) = $g->command('cat /proc/meminfo') =~ /MemTotal: +(\d+) kB/;
	cmp_ok($memory, '>', 640 * 1024, "$t: memory, at least");
	cmp_ok($memory, '<=', 768 * 1024, "$t: memory, at most");
	cmp_ok(abs($g->command('date +%s') - time), '<', 120, "$t: the date, from EFI");
	is($g->command('cat /proc/cmdline') =~ /console=(ttyS|hvc)0/, 1, "$t: the command line");
	like($g->command('cat /proc/interrupts'), qr/timer/, "$t: timer interrupts");
	is(($g->command('ls /sys/firmware/efi'))[1], 0, "$t: EFI");

	like($g->command('cat /proc/pal/cpu0/version_info'), qr/^PAL_A *:/m, "$t: PAL");
	is($g->command('cat /proc/sal/itc_drift'), "0\n", "$t: SAL");
	is($g->command('cd /sys/hypervisor; cat type guest_type; ls -1 --color=never /proc/xen; cd'),
		"xen\nPV\ncapabilities\nprivcmd\nxenbus\n", "$t: the hypervisor") if $kind eq 'pv';

	# Integer, text, processes.
	is($g->command('echo $((123456789 * 987654321 % 1000003)) $((-7 / 2)) $((1 << 62))'),
		123456789 * 987654321 % 1000003 . " -3 4611686018427387904\n",
			"$t: shell arithmetic");
	my $text = join '', map { "line $_\n" } 1 .. 20000;
	is($g->command('seq 1 20000 | sed "s/^/line /" | tee /tmp/text | md5sum'), md5_hex($text)
		. "  -\n", "$t: pipes, md5sum");
	is($g->command('gzip -c /tmp/text | gunzip -c | cmp - /tmp/text && echo same'), "same\n",
		"$t: gzip and back");
	is($g->command('sort -k2nr /tmp/text | head -n 2'), "line 20000\nline 19999\n", "$t: sort");
	is($g->command('(for i in $(seq 200); do (exit $((i % 3))) & done; wait; echo done)'),
		"done\n", "$t: 200 processes");
	is($g->command('awk "BEGIN { for (i = 1; i < 1000; i++) s += 1 / i;'
		. ' printf \"%.12f %.12f %.6e\n\", s, exp(1) * sin(2), 2 ^ 0.5 / 3e300 }"'),
		sprintf("%.12f %.12f %.6e\n", eval { my $s = 0; $s += 1 / $_ for 1 .. 999; $s },
			exp(1) * sin(2), 2 ** 0.5 / 3e300),
		"$t: floating point");
	is($g->command('sleep 1; cat /proc/uptime | cut -d. -f1 | grep -c "^[0-9]"'), "1\n",
		"$t: sleep ends");
	is(($g->command('false'))[1], 1, "$t: a status");
	is($g->command('dd if=/dev/zero bs=64k count=256 2>/dev/null | md5sum'),
		md5_hex("\0" x (16 << 20)) . "  -\n", "$t: 16 MB through a pipe");
	# What a module lay in is used again at once, under other addresses: no translation of it may stay.
	is($g->command('for i in 1 2 3 4 5 6 7 8; do modprobe dummy && rmmod dummy; done; echo $?'),
		"0\n", "$t: a module comes and goes");
	is($g->command('{ sh -c "kill -SEGV \$\$"; } 2>/dev/null; echo $?'), "139\n",
		"$t: a signal");

	if ($vcpus > 1) {
		is($g->command('for c in 0 1 2 3; do'
			. ' taskset -c $c sh -c "cut -d\" \" -f39 /proc/self/stat"; done'
			. ' | tr "\n" " "'),
			"0 1 2 3 ", "$t: work on each processor");
		$g->command('(for c in 0 1 2 3; do'
			. ' taskset -c $c sh -c "seq 1 30000 | md5sum" >/tmp/sum$c & done; wait)');
		is($g->command('cat /tmp/sum? | sort -u'), md5_hex(join '',
			map { "$_\n" } 1 .. 30000) . "  -\n", "$t: and all at a time");
		is($g->command('echo 0 >/sys/devices/system/cpu/cpu3/online && nproc'), "3\n",
			"$t: a processor goes")
			if ($g->command('[ -w /sys/devices/system/cpu/cpu3/online ]'))[1] == 0;
	}
	my $log = $g->command('dmesg -r');
	is(join("\n", complaints($log)), '', "$t: the kernel does not complain");
	is(join("\n", warnings($log)), '', "$t: nor warns of anything");

	$g->type("poweroff\n");
	is($g->finish, 0, "$t: poweroff ends with status 0");
	is($g->errors, '', "$t: nothing on standard error");
}

done_testing;
