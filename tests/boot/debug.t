#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel under gdb-multiarch: symbols, back traces, virtual addresses, steps with interrupts on;
# and the kernel does not notice.
use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

use Paravane qw(product);

my $dir = tempdir(CLEANUP => 1);
my $vmlinux = product('vmlinux');
my $g = Paravane->start('--kernel', $vmlinux, '--initrd', product('initrd'), '--append',
	'console=ttyS0 quiet', '--vcpus', 2, '--gdb', "unix:$dir/gdb");

until (-S "$dir/gdb") {
	die 'ended: ', $g->errors if $g->ended;
	select undef, undef, undef, 0.05;
}
open my $script, '>', "$dir/script" or die;
print $script <<"END";
set pagination off
set width 0
set remotetimeout 600
target remote $dir/gdb
break start_kernel
continue
backtrace
echo =banner=\\n
x/s &linux_banner
delete
echo =read=\\n
break vfs_read
continue
backtrace
info threads
printf "interrupts %d\\n", (\$psr >> 14) & 1
delete
echo =steps=\\n
set \$n = 0
while \$n < 40
stepi
set \$n = \$n + 1
end
echo =end=\\n
detach
END
close $script;
my $text = `timeout 1800 gdb-multiarch -nx -batch -x $dir/script $vmlinux 2>&1 </dev/null`;
my ($start, $banner, $read, $steps, $end) = split /=(?:banner|read|steps|end)=\n/, $text;

like($start, qr/Breakpoint 1, .*in start_kernel .*#0 .* in start_kernel .*#1 .* in _start/s,
	'stop in start_kernel, and who called it');
like($banner, qr/"Linux version 6\.1/, 'data of the kernel');
like($read, qr/Breakpoint 2, .*in vfs_read .*#0 .* in vfs_read .*#1 .*ksys_read/s,
	'stop in vfs_read, and who called it');
like($read, qr/Thread 1 .*Thread 2 /s, 'both processors');
like($read, qr/^interrupts 1$/m, 'interrupts are on');
is(() = ($steps // '') =~ /^0xa\w+ in /mg, 40, '40 steps');
unlike($steps, qr/interrupt|ivt|timer/, 'none of them in an interrupt handler');
like($end, qr/detached/, 'detach') or diag($text);

$g->login;
$g->no_complaints('the kernel does not complain');
$g->type("poweroff\n");
is($g->finish, 0, 'poweroff');

done_testing;
