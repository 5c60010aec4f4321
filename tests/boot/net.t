#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The network: user mode from the guest to this machine and back through a forwarded port; tap where
# this user may make one.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use IO::Socket::INET;
use Test::More;

use Paravane qw(free_port);

my $body = join '', map { pack 'N', $_ * 2654435761 & 0xffffffff } 1 .. 1 << 20;

# A server that answers anything with $body, as HTTP; returns its port.
sub serve {
	my ($address) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => $address, Listen => 4)
		or die "listen: $!\n";
	my $pid = fork // die "fork: $!\n";

	if (!$pid) {
		$SIG{ALRM} = 'DEFAULT';
		while (my $client = $listener->accept) {
			sysread $client, my $request, 4096;
			print $client "HTTP/1.0 200 OK\r\nContent-Length: ", length $body,
				"\r\n\r\n", $body;
			close $client;
		}
		POSIX::_exit(0);
	}
	return ($listener->sockport, $pid);
}

my ($port, $server) = serve('127.0.0.1');
my $forward = free_port();
my $g = Paravane->boot('--vcpus', 2, '--net', "user,hostfwd=tcp:$forward:7000");

like($g->command('ifconfig eth0'), qr/inet addr:10\.0\.2\.15 /, 'user: an address by DHCP');
like($g->command('route -n'), qr/^0\.0\.0\.0 +10\.0\.2\.2 /m, 'user: a route');
is(($g->command('ping -c 2 -W 60 10.0.2.2 >/dev/null'))[1], 0, 'user: ping');
is($g->command("wget -q -O - http://10.0.2.2:$port/ | md5sum"), md5_hex($body) . "  -\n",
	'user: 4 MB from this machine');
is(($g->command('wget -q -T 60 -O /dev/null http://10.0.2.2:1/ 2>/dev/null'))[1], 1,
	'user: a port where nobody listens');

# The guest says 'echo' and the MD5 sum of what it got.
$g->command('(nc -l -p 7000 -e sh -c "head -c 1000000 | md5sum" &);'
	. ' until netstat -ltn | grep -q :7000; do sleep 0.1; done');
my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $forward)
	or die "connect: $!\n";
print $socket substr $body, 0, 1000000;
$socket->flush;
my $answer = <$socket>;
is($answer, md5_hex(substr $body, 0, 1000000) . "  -\n",
	'user: 1 MB to the guest, and its answer, through a forwarded port');
close $socket;
is($g->command('ifconfig eth0 | grep -c "RX packets:0 "'), "0\n", 'user: packets are counted');
is(($g->command('ifconfig eth0 down && ifconfig eth0 up'))[1], 0, 'user: down and up');
$g->no_complaints('the kernel does not complain');
$g->type("poweroff\n");
is($g->finish, 0, 'poweroff');

SKIP: {
	my $tap = "pvtest$$";
	skip 'this user may not make a tap interface', 4
		if $> || !-w '/dev/net/tun'
			|| system("ip tuntap add dev $tap mode tap 2>/dev/null");
	system("ip addr add 192.168.177.1/24 dev $tap && ip link set $tap up");
	my ($tap_port, $tap_server) = serve('192.168.177.1');
	$g = Paravane->boot('--net', "tap=$tap");
	$g->command('ifconfig eth0 192.168.177.2 netmask 255.255.255.0 up');
	is(($g->command('ping -c 2 -W 60 192.168.177.1 >/dev/null'))[1], 0, 'tap: ping');
	is($g->command("wget -q -O - http://192.168.177.1:$tap_port/ | md5sum"), md5_hex($body)
		. "  -\n", 'tap: 4 MB');
	is(system('ping -c 2 -W 60 192.168.177.2 >/dev/null'), 0, 'tap: ping from this machine')
		if -x '/bin/ping' || -x '/usr/bin/ping';
	$g->type("poweroff\n");
	is($g->finish, 0, 'tap: poweroff');
	kill 'KILL', $tap_server;
	system("ip tuntap del dev $tap mode tap");
}

$g = Paravane->boot('--net', 'none');
is($g->command('ls /sys/class/net | grep -c eth'), "0\n", 'none: no card');
$g->type("poweroff -f\n");
is($g->finish, 0, 'poweroff -f');

kill 'KILL', $server;
done_testing;
