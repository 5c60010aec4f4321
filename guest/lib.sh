# SPDX-License-Identifier: GPL-2.0-or-later
# The engine of guest/build: what a step is, its key, its lock, and what is shown while it runs.
#
# A step is a file in guest/steps/ that sets
#     title     what people see
#     needs     the steps whose products it uses (source-NAME is the Debian source package NAME)
#     packages  the installed Debian packages it takes sources or programs of the guest from
#     inputs    files and folders of this repository it reads
#     unit      a pattern of the lines in its log that show how far it is, and
#     units     about how many of them there are in the end
# and defines build(), which runs in an empty folder $WORK and leaves the product in the folder
# $OUT. It may define seed(), which fills $OUT in another way.
#
# The product is kept as $cache/STEP-KEY. KEY is a hash of build(), of what it reads, and of the
# keys of the steps it needs, so a product that exists is right; and it is renamed into place whole,
# so a product that exists is complete.

top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)

die() {
	echo "$*" >&2
	exit 1
}

if [ -n "${XDG_CACHE_HOME-}" ]; then
	cache=$XDG_CACHE_HOME/paravane
else
	cache=${HOME:?neither XDG_CACHE_HOME nor HOME is set, which name the cache}/.cache/paravane
fi
# make and libtool split words at blanks, whatever is quoted.
case $cache in
[!/]*) die "the cache folder must be an absolute path: \"$cache\" (from XDG_CACHE_HOME or HOME)" ;;
*[!A-Za-z0-9/._+@,-]*) die "the path of the cache has a character that the builds cannot bear:" \
	"\"$cache\"; set XDG_CACHE_HOME to a folder named with A-Z a-z 0-9 / . _ + @ , - alone" ;;
esac

declare -A keys
running=

# unpack PACKAGE FOLDER: unpacks the Debian source package (a step source-PACKAGE) as the folder.
unpack() {
	dpkg-source --no-check -x "$(dep "source-$1")"/*.dsc "$2"
}

# make_ext4 FOLDER IMAGE SIZE: makes an ext4 image of what is in the folder. All of it belongs to
# root there, whoever builds it.
make_ext4() {
	truncate -s "$3" "$2"
	/sbin/mke2fs -q -t ext4 -d "$1" "$2"
	(cd "$1" && find . -printf 'sif "/%P" uid 0\nsif "/%P" gid 0\n') >"$WORK/owners"
	/sbin/debugfs -w -f "$WORK/owners" "$2" >/dev/null
}

# load STEP: reads the step's file into title, needs, packages, inputs, unit, units, build and seed.
load() {
	title='' needs=() packages=() inputs=() unit='' units=1
	unset -f build seed
	case $1 in
	source-*) package=${1#source-}; . "$top/guest/steps/source" ;;
	*) . "$top/guest/steps/$1" ;;
	esac
}

# key_of STEP: sets "key" to the step's key. Fails when that depends on a source package that has
# not been fetched yet.
key_of() {
	key=${keys[$1]-}
	[ -z "$key" ] || return 0
	load "$1"
	local text dep helper
	text=$(
		cd "$top"
		echo "step $1"
		declare -f build
		for helper in unpack make_ext4 mirrors; do
			[[ $(declare -f build) != *" $helper "* ]] || declare -f "$helper"
		done
		if [ ${#packages[@]} -gt 0 ]; then
			dpkg-query -W -f '${Package} ${Version}\n' "${packages[@]}" 2>/dev/null ||
				echo missing
		fi
		if [ ${#inputs[@]} -gt 0 ]; then
			find "${inputs[@]}" -type f -printf '%m %p\n' | LC_ALL=C sort
			find "${inputs[@]}" -type f -print0 | LC_ALL=C sort -z |
				xargs -0 -r sha256sum
		fi
	)
	case $text in
	*$'\n'missing*) die "guest/build: \"$title\" wants the Debian packages ${packages[*]};" \
		"run: scripts/setup guest" ;;
	esac
	for dep in "${needs[@]}"; do
		key_of "$dep" || return
		case $dep in
		source-*)
			# What was fetched counts: a .dsc lists its files with their hashes.
			[ -e "$cache/$dep-$key" ] || return
			text+=$'\n'$(cd "$cache/$dep-$key" && sha256sum -- *.dsc) ;;
		*)
			text+=$'\n'"$dep $key" ;;
		esac
	done
	key=$(sha256sum <<<"$text")
	key=${key:0:16}
	keys[$1]=$key
}

# fetch STEP: fetches the source packages that the step's key depends on.
fetch() {
	local dep list
	load "$1"
	list=("${needs[@]}")
	for dep in "${list[@]}"; do
		case $dep in
		source-*) ensure "$dep" ;;
		*) fetch "$dep" ;;
		esac
	done
}

# ensure STEP: builds the step unless its product is there.
ensure() {
	local name=$1 dep list lock holder
	key_of "$name" || { fetch "$name"; key_of "$name"; }
	[ ! -e "$cache/$name-$key" ] || return 0
	local out=$cache/$name-$key
	mkdir -p "$cache"/{lock,log,tmp} || die "cannot make the cache folder $cache"

	load "$name"
	if ! { declare -F seed >/dev/null && [ -n "${PARAVANE_TOOLCHAIN_SEED-}" ]; }; then
		list=("${needs[@]}")
		for dep in "${list[@]}"; do
			ensure "$dep"
		done
		load "$name"
	fi

	lock=$cache/lock/${out##*/}
	exec 9>>"$lock"
	if ! flock -n 9; then
		holder=$(cat "$lock")
		echo "$title: waiting for another run that is building it (${holder:-just started})"
		flock 9
	fi
	echo "process $$ on ${HOSTNAME:-this machine}, since $(date +%H:%M:%S)" >"$lock"
	if [ ! -e "$out" ]; then
		run_step "$name" "$out"
	fi
	exec 9>&-
}

# clock SECONDS: sets "time" to it for people.
clock() {
	printf -v time '%d:%02d' $(($1 / 60)) $(($1 % 60))
}

# run_step STEP PRODUCT: runs a step whose lock is held, and shows how far it is.
run_step() {
	local log=$cache/log/${2##*/}.log tmp=$cache/tmp/${2##*/}
	local status=0 started=$SECONDS shown=0 interval=30 now percent time line
	[ ! -t 1 ] || interval=1
	rm -rf "$tmp"
	mkdir -p "$tmp/out" "$tmp/work"
	: >"$log"
	# With nothing from the environment that could change what is built. setsid: to end all of
	# it together.
	setsid env -i PATH="$PATH" HOME="$HOME" TMPDIR="${TMPDIR:-/tmp}" LC_ALL=C.UTF-8 \
		${XDG_CACHE_HOME:+XDG_CACHE_HOME="$XDG_CACHE_HOME"} \
		${PARAVANE_TOOLCHAIN_SEED:+PARAVANE_TOOLCHAIN_SEED="$PARAVANE_TOOLCHAIN_SEED"} \
		${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
		OUT="$tmp/out" WORK="$tmp/work" "$BASH" "$top/guest/run-step" "$1" \
		>"$log" 2>&1 </dev/null &
	running=$!
	echo "$title ... (log: $log)"
	while kill -0 $running 2>/dev/null; do
		now=$((SECONDS - started))
		if [ $((now - shown)) -ge $interval ]; then
			shown=$now
			clock $now
			line="$title: "
			if [ -n "$unit" ]; then
				percent=$(grep -c -- "$unit" "$log" || true)
				percent=$((percent * 100 / (units + 1)))
				line+="$((percent > 99 ? 99 : percent))%, "
			fi
			line+=$time
			if [ -t 1 ]; then
				printf '\r\033[K%s' "$line"
			else
				echo "$line"
			fi
		fi
		sleep $((now < 5 ? 0 : 1)).1
	done
	wait $running || status=$?
	running=
	[ ! -t 1 ] || printf '\r\033[K'
	clock $((SECONDS - started))
	if [ $status != 0 ]; then
		failed "$log" "$time" $status
		rm -rf "$tmp"
		exit 1
	fi
	mv -T "$tmp/out" "$2"
	rm -rf "$tmp"
	echo "$title: done in $time"
}

# failed LOG TIME STATUS: says how the step in "title" failed and what to try.
failed() {
	{
		echo "$title: FAILED after $2 with status $3. The end of its log:"
		echo
		tail -n 25 "$1" | sed 's/^/    /'
		echo
		echo "The whole log is $1"
		if grep -q 'No space left on device' "$1"; then
			echo "What to try: make room; this is what there is now:"
			df -h "$cache" | sed 's/^/    /'
		elif grep -qE 'Could not resolve|Temporary failure|Unable to connect' "$1" ||
			grep -qE 'Failed to fetch|404  Not' "$1"; then
			echo "What to try: see that the network and this machine's Debian mirror" \
				"work (apt-get update), then run the same command again."
		elif grep -q 'command not found' "$1"; then
			echo "What to try: scripts/setup guest, which installs missing packages," \
				"then the same command again."
		elif grep -qE 'Killed signal|out of memory|virtual memory exhausted' "$1"; then
			echo "What to try: free some memory (2 GB for each processor are enough)," \
				"then run the same command again."
		else
			echo "What to try: run the same command again. It goes on at this step," \
				"and all before it is kept."
		fi
	} >&2
}

# stop SIGNAL: ends the step that is running, and this program.
stop() {
	trap - INT TERM HUP
	[ ! -t 1 ] || echo
	if [ -n "$running" ]; then
		kill -TERM -- -$running 2>/dev/null || true
		wait $running 2>/dev/null || true
		echo "Interrupted in \"$title\". The next run goes on at this step." >&2
	fi
	trap - EXIT
	kill -"$1" $$
}
trap 'stop INT' INT
trap 'stop TERM' TERM
trap 'stop HUP' HUP
