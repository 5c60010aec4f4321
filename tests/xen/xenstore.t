#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The store against the clients of Debian's xenstore-utils, over its Unix socket.
set -u

dir=$(mktemp -d)
export XENSTORED_PATH=$dir/socket
mkfifo "$dir/in"
"$PARAVANE_BUILD/tests/xen/store_server" "$XENSTORED_PATH" <"$dir/in" >"$dir/out" 2>&1 &
server=$!
exec 9>"$dir/in"
trap 'exec 9>&-; wait $server; rm -rf "$dir"' EXIT
for ((i = 0; i < 500; i++)); do
	grep -q ready "$dir/out" && break
	sleep 0.02
done

# Permissions without the dots in front of them.
perms() { xenstore-ls -p "$1" | sed 's/[ .]*(/ (/'; }

n=0
ok() { # text, and a command that must succeed
	local text=$1
	shift
	n=$((n + 1))
	if "$@"; then echo "ok $n - $text"; else echo "not ok $n - $text"; fi
}
gives() { # expected output, command
	local want=$1 got
	shift
	got=$("$@" 2>&1)
	[ "$got" = "$want" ] || { echo "# wanted: $want"; echo "# got: $got"; return 1; }
}
fails() { ! "$@" >/dev/null 2>&1; }

ok "write" xenstore-write /a/b/c hello /a/d world
ok "read" gives hello xenstore-read /a/b/c
ok "read two" gives $'hello\nworld' xenstore-read /a/b/c /a/d
ok "read what is not there" fails xenstore-read /a/x
ok "list" gives $'b\nd' xenstore-list /a
ok "list with paths" gives $'/a/b\n/a/d' xenstore-list -p /a
ok "exists" xenstore-exists /a/b
ok "does not exist" fails xenstore-exists /a/c
ok "an empty value" xenstore-write /empty ""
ok "reads as such" gives "" xenstore-read /empty
ok "ls" gives $'b = ""\n c = "hello"\nd = "world"' xenstore-ls /a
ok "ls with full paths" gives $'/a/b = ""\n/a/b/c = "hello"\n/a/d = "world"' xenstore-ls -f /a
ok "ls with permissions" gives $'b = "" (n0)\n c = "hello" (n0)\nd = "world" (n0)' perms /a
ok "chmod" xenstore-chmod /a/b n0 r3 b4
ok "its list" gives $'b = "" (n0,r3,b4)\n c = "hello" (n0)\nd = "world" (n0)' perms /a
ok "chmod of all below" xenstore-chmod -r /a r5
ok "all of them" gives $'b = "" (r5)\n c = "hello" (r5)\nd = "world" (r5)' perms /a
ok "bytes that are not text" xenstore-write /bin $'a\\x01b'
ok "come back" gives 'a\001b' xenstore-read /bin
ok "a value as long as a message allows" xenstore-write /long "$(printf '%4000s' | tr ' ' x)"
ok "of that length" gives 4000 bash -c 'xenstore-read /long | tr -d "\n" | wc -c'
ok "rm" xenstore-rm /a/b
ok "and what was below" fails xenstore-read /a/b/c
ok "the rest stays" gives world xenstore-read /a/d
ok "rm -t of a path that is empty then" bash -c 'xenstore-write /t/u/v 1 && xenstore-rm -t /t/u/v'
ok "with its parents" fails xenstore-exists /t
ok "a path with a space" fails xenstore-write "/a b" 1
ok "a path with two slashes" fails xenstore-write /a//b 1
ok "a path with a slash at its end" fails xenstore-write /a/ 1
ok "a relative path is domain 0's" xenstore-write rel 1
ok "under its directory" gives 1 xenstore-read /local/domain/0/rel

# More children than a message holds: the client asks for the list in parts.
many() {
	local i args=()
	for ((i = 0; i < 600; i++)); do
		args+=("/many/child-with-a-long-name-$i" "$i")
	done
	xenstore-write "${args[@]}"
}
ok "600 children in one transaction" many
ok "are listed" gives 600 bash -c 'xenstore-list /many | wc -l'
ok "and shown" gives 600 bash -c 'xenstore-ls /many | wc -l'

# xenstore-watch -n 3 ends after three events: the first comes at once.
xenstore-watch -n 3 /w >"$dir/watch" &
watch=$!
for ((i = 0; i < 500; i++)); do
	[ -s "$dir/watch" ] && break
	sleep 0.02
done
xenstore-write /elsewhere 1
xenstore-write /w/x 1
xenstore-rm /w
wait $watch
ok "watch" gives $'/w\n/w/x\n/w' cat "$dir/watch"

xenstore-write /count 0
ok "a client that says nothing sensible" bash -c '
	perl -MIO::Socket::UNIX -e "
		\$s = IO::Socket::UNIX->new(Peer => \$ENV{XENSTORED_PATH}) or die;
		print \$s pack(q(V4), 2, 1, 0, 1 << 30), q(x) x 100; \$s->flush;
		exit(defined(\$s->getline) ? 1 : 0);"'
ok "harms nobody" gives 0 xenstore-read /count
echo "1..$n"
