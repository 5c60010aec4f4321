#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What tests take for a complaint of a guest's kernel (tests/lib/Paravane.pm), and what not.
use strict;
use warnings;

use Test::More;

use Paravane qw(complaints warnings);

my @complaint = (
	'BUG: soft lockup - CPU#0 stuck for 61s! [sh:42]',
	'watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [swapper/3:0]',
	'rcu: INFO: rcu_sched self-detected stall on CPU',
	'rcu: INFO: rcu_sched detected stalls on CPUs/tasks:',
	'rcu: rcu_sched kthread starved for 2100 jiffies! g1 f0x0 RCU_GP_WAIT_FQS(5)',
	'INFO: task kworker/0:1:13 blocked for more than 120 seconds.',
	'sh(42): unaligned access to 0x6000000000000003, ip=0x4000000000000010',
	'sh(42): floating-point assist fault at ip 4000000000000010, isr 0000020000000008',
	'clocksource: Timekeeping watchdog on CPU1: Marking clocksource \'itc\' as unstable',
	'WARNING: CPU: 0 PID: 1 at kernel/irq/chip.c:242 irq_startup+0x10/0x20',
	'------------[ cut here ]------------',
	'Unable to handle kernel NULL pointer dereference (address 0000000000000008)',
	'sh[42]: Oops 11012296146944 [1]',
	'kernel BUG at mm/slub.c:381!',
	'irq 50: nobody cared (try booting with the "irqpoll" option)',
	'BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!',
	'NETDEV WATCHDOG: eth0 (virtio_net): transmit queue 0 timed out',
	'Buffer I/O error on dev xvda, logical block 0, async page read',
	'WARNING: possible circular locking dependency detected',
	'sh invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
	'Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b',
	'paravirt: 1 sites are half done',
);
my @none = (
	'SLUB: HWalign=128, Order=0-3, MinObjects=0, CPUs=4, Nodes=1',
	'Debug: install the debugger; lockups of no kind are installed',
	'rcu: Hierarchical RCU implementation.',
	'clocksource: Switched to clocksource itc',
	'xen: --> pirq=16 -> irq=16',
);

is(scalar complaints("before\n[    1.5] $_\nafter"), 1, $_) for @complaint;
is(scalar complaints("<6>[    1.500000] $_"), 0, "not: $_") for @none;
is((complaints("before\r\n[    1.5] $complaint[0]\r\nafter"))[0],
	"  before\n> [    1.5] $complaint[0]\n  after", 'with the lines around it');
is(scalar complaints($complaint[2], qr/stall/), 0, 'one that is asked for');

is(join(',', warnings("<6>[    0.1] a\n<4>[    0.1] b\n<3>[   10.000001] c\n")),
	'<4>[    0.1] b,<3>[   10.000001] c', 'warnings and worse');
is(join(',', warnings("<4>[    0.1] Grant table initialized\n<4>[    0.1] \n"
	. "<4>[    0.1] CPU 3 is now offline\n")), '', 'but what is always said');

done_testing;
