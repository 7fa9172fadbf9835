#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck disable=SC2016 # awk expressions are passed on in quotes
#
# What tracing costs: bare connection churn over loopback, the hardest case, under
#
#   nothing     no tracing at all
#   empty       an empty program on the tracepoint
#   raw         tcpflux trace --raw: without TIME_WAIT and half-open connections
#   tcpflux     tcpflux trace, text to a file
#   no-fentry   tcpflux trace --no-fentry
#   record      tcpflux record: to a log, which pass 3 reads
#   stat        tcpflux stat: counters, no stream
#   top         tcpflux top, on a terminal of its own
#   tcpstates   the tool of the bcc project, text to a file; left out where it isn't installed
#
# A machine's speed drifts by more than the differences that matter. So the subjects take turns,
# the order rotates, each is compared with "nothing" of its own round, and medians are printed.
# With -l request or bulk it is traffic over long connections instead, on which no state changes, but
# other things that tcpflux looks at happen: timers, reads. Of that only the first pass is run.
#
# Every run gets a fresh network namespace: no run pays for the TIME_WAITs of the one before.
#
# Three passes, because measuring costs too:
#   1. churn: connections per second, and the CPU time of a connection, which other load on the
#      machine disturbs less (in it are softirqs, but neither the tracer's own process nor what the
#      kernel frees later in its workers)
#   2. BPF run time: kernel.bpf_stats_enabled makes the kernel read the clock twice a program; and
#      the CPU time of the tracing process
#   3. completeness: tcpflux writes --raw JSON, in which a row is one call of the tracepoint
# What prints no rows is left out of 3; tests/root/stat.test.c judges stat, and top says what it lost.
# In 2 and 3 the kernel counts the event itself, in a tracefs instance of our own: in 2 for all of
# TCP, since other programs' connections are in the BPF time too; in 3 for churn's port alone, since
# a tracer is there longer than the count.

set -u
export LC_ALL=C

usage() {
	cat <<-END
	usage: bench.sh [-c CONNECTIONS] [-j CLIENTS] [-l LOAD] [-r ROUNDS] [-s SUBJECTS] [-t DIRECTORY]
	Measures what tracing costs. Needs root.
	  -c CONNECTIONS  in a run (default: 50000; about 10 transitions each)
	  -j CLIENTS      processes that connect, and as many that accept (default: 4)
	  -l LOAD         churn (the default), request, bulk
	  -r ROUNDS       runs of every subject (default: 5)
	  -s SUBJECTS     instead of "empty stat record filter tcpflux tcpstates"; "nothing" always takes
	                  part; there are raw, no-fentry, by-pid and by-state, too
	  -t DIRECTORY    the build directory (default: build)
	END
}

die() {
	echo "bench.sh: $*" >&2
	exit 1
}

connections=50000 clients=4 rounds=5 load=churn subjects="empty stat record filter tcpflux tcpstates" build=build
while getopts c:hj:l:r:s:t: option; do
	case $option in
	c) connections=$OPTARG ;;
	h) usage; exit 0 ;;
	j) clients=$OPTARG ;;
	l) load=$OPTARG ;;
	r) rounds=$OPTARG ;;
	s) subjects=$OPTARG ;;
	t) build=$OPTARG ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# = 0 ] || { usage >&2; exit 2; }
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die "-r $rounds: not a number of rounds"
case $load in
churn) exchanges=() passes="pass_churn pass_bpf pass_count" ;;
request) exchanges=(-b 64 -n 40000) connections=$clients passes=pass_churn ;;
bulk) exchanges=(-b 1048576 -n 400) connections=$clients passes=pass_churn ;;
*) die "-l $load: not a load" ;;
esac
[ "$(id -u)" = 0 ] || die "needs root"
PATH=$PATH:/usr/sbin:/sbin

# --- what is changed, and put back ---------------------------------------------------------------

work=$(mktemp -d /tmp/tcpflux-bench.XXXXXX) || exit 1
stats=/proc/sys/kernel/bpf_stats_enabled
stats_before=$(cat $stats)
instance= # of tracefs
event= # sock:inet_sock_set_state in it
port=7471 # of churn, in its own network namespace; not an ephemeral one
# An expression that lets a hundredth pass: so many of the 28,232 ports that clients get by default, at
# either end. That of the client is not yet known when it begins to connect.
first=40000 last=40281
tracer= # pid of the tracer itself
waiter= # pid of the shell that times it
churn=

stop_children() {
	local pid

	for pid in $churn $tracer; do
		kill -TERM "$pid" 2>/dev/null
	done
	for pid in $churn $waiter; do
		wait "$pid" 2>/dev/null
	done
	churn="" tracer="" waiter=""
}

restore() {
	trap '' INT TERM HUP
	stop_children
	echo "$stats_before" >$stats
	[ -z "$instance" ] || rmdir "$instance"
	rm -rf "$work"
}
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- the subjects --------------------------------------------------------------------------------

# Sets `command`. $2: tcpflux's output format, with every row just as the tracepoint said it.
subject_command() {
	case $1 in
	nothing) command=() ;;
	empty) command=("$build/tests/bench/attach" "$build/tests/bench/empty.bpf.o") ;;
	tcpflux) command=("$build/tcpflux" trace -o "${2:-text}" ${2:+--raw}) ;;
	raw) command=("$build/tcpflux" trace --raw -o "${2:-text}") ;;
	no-fentry) command=("$build/tcpflux" trace --no-fentry -o "${2:-text}" ${2:+--raw}) ;;
	filter) command=("$build/tcpflux" trace -o "${2:-text}" ${2:+--raw}
		"sport = :$first-$last or dport = :$first-$last") ;;
	by-pid) command=("$build/tcpflux" trace -o "${2:-text}" ${2:+--raw} -p 1) ;;
	by-state) command=("$build/tcpflux" trace -o "${2:-text}" ${2:+--raw} state close-wait) ;;
	record) command=("$build/tcpflux" record --force -w "$work/log") ;;
	stat) command=("$build/tcpflux" stat) ;;
	# The process is not the one that has the terminal made: it tells its own number.
	top)
		# shellcheck disable=SC2016 # for the inner shell
		command=(tests/on_terminal.sh "$work/top" sh -c 'echo $$ >"$0"; exec "$@"' "$work/pid"
			"$build/tcpflux" top) ;;
	tcpstates) command=(tcpstates) ;;
	*) die "no subject called $1" ;;
	esac
}

choose_subjects() {
	local subject chosen=nothing

	for subject in $subjects; do
		[ "$subject" != nothing ] || continue
		subject_command "$subject"
		if command -v "${command[0]}" >/dev/null; then
			chosen+=" $subject"
		else
			echo "$subject is left out: ${command[0]} isn't there" >&2
		fi
	done
	read -ra subjects <<<"$chosen"
}

# Is it attached? That shows in the descriptors it holds: BPF links, whatever the kind.
is_attached() {
	cat "/proc/$tracer/fdinfo/"* 2>/dev/null | grep -q '^link_id:'
}

# Starts a subject ($1; $2: output format) and returns when it is attached and has settled.
# bash's `time` gives the user and system time, the drain at the end included.
start_tracer() {
	local i

	subject_command "$@"
	rm -f "$work/pid"
	if [ ${#command[@]} = 0 ]; then
		sleep 1 # as long as the others take: the machine must be as rested
		return
	fi
	{
		TIMEFORMAT='%U %S'
		time sh -c 'echo $$ >"$0"; exec "$@"' "$work/pid" "${command[@]}" \
			>"$work/out" 2>"$work/err"
	} 2>"$work/cpu" &
	waiter=$!
	for ((i = 0; i < 100; i++)); do
		sleep 0.1
		tracer=$(cat "$work/pid" 2>/dev/null)
		[ -n "$tracer" ] && is_attached && break
		kill -0 $waiter 2>/dev/null || break
	done
	is_attached || die "$1 did not start: $(cat "$work/err")"
	sleep 0.5
}

stop_tracer() {
	if [ -n "$tracer" ]; then
		kill -INT "$tracer"
		wait "$waiter"
	fi
	tracer="" waiter=""
	sleep 0.3 # freed sockets, namespaces and programs go a little later
}

# Sets `rate` and `cost`, the CPU microseconds of a connection.
run_churn() {
	unshare --net sh -c 'ip link set lo up && exec "$@"' sh \
		"$build/tests/bench/churn" -c "$connections" -j "$clients" -p $port \
		"${exchanges[@]}" >"$work/churn" &
	churn=$!
	wait $churn || { churn=; die "churn failed"; }
	churn=
	read -r _ _ _ _ _ rate _ cost <"$work/churn"
	sleep 0.3 # let the reader catch up
}

# --- the three passes: each appends rows "subject round value..." to a file -----------------------

pass_churn() {
	local round=$1 subject=$2

	start_tracer "$subject"
	run_churn
	stop_tracer
	echo "$subject $round $rate $cost" >>"$work/rates"
}

# The sums over all programs that the tracer holds, of their time and of how often they ran; a
# program is listed once for each descriptor.
bpf_time() {
	cat "/proc/$tracer/fdinfo/"* 2>/dev/null | awk '
		$1 == "prog_id:" { id = $2 }
		$1 == "run_time_ns:" { time[id] = $2 }
		$1 == "run_cnt:" { runs[id] = $2 }
		END { for (id in time) { sum += time[id]; all += runs[id] } print sum + 0, all + 0 }'
}

# The kernel's own count of the event for TCP; entries that its buffer had no room for count too.
count_events() {
	cat "$instance"/per_cpu/cpu*/stats | awk '
		$1 == "entries:" || $1 == "overrun:" || $1 == "dropped" { n += $NF }
		END { print n }'
}

# Like run_churn, and sets `happened`. $1: which events to count.
run_counted_churn() {
	echo "$1" >"$event/filter"
	echo >"$instance/trace"
	echo 1 >"$event/enable"
	run_churn
	echo 0 >"$event/enable"
	happened=$(count_events)
}

pass_bpf() {
	local round=$1 subject=$2 time

	[ "$subject" != nothing ] || return
	start_tracer "$subject"
	echo 1 >$stats
	run_counted_churn 'protocol == 6'
	echo "$stats_before" >$stats
	time=$(bpf_time)
	stop_tracer
	echo "$subject $round $happened $time $(tail -n 1 "$work/cpu")" >>"$work/times"
}

make_instance() {
	local tracefs=/sys/kernel/tracing

	[ -d $tracefs/instances ] || mount -t tracefs tracefs $tracefs || die "no tracefs at $tracefs"
	mkdir "$tracefs/instances/tcpflux-bench-$$" || exit 1
	instance=$tracefs/instances/tcpflux-bench-$$
	event=$instance/events/sock/inet_sock_set_state
}

# The rows that a tracer has printed about churn's port.
count_rows() {
	case $1 in
	filter)
		grep '"src": *"tracepoint"' "$work/out" | grep -v '"old": *"CLOSE"' |
			grep -cE "\"[lr]port\": *$port\>"
		;;
	tcpflux | raw | no-fentry | record) grep '"src": *"tracepoint"' "$work/out" | grep -cE "\"[lr]port\": *$port\>" ;;
	tcpstates) awk -v port=$port '$5 == port || $7 == port { n++ } END { print n + 0 }' "$work/out" ;;
	esac
}

pass_count() {
	local round=$1 subject=$2 lost=
	local which="protocol == 6 && (sport == $port || dport == $port)"

	case $subject in nothing | empty | stat | top | by-*) return ;; esac
	# Not the clients' first transition, at which the kernel has no port to tell either.
	[ "$subject" != filter ] ||
		which+=" && (sport >= $first && sport <= $last || dport >= $first && dport <= $last)"
	start_tracer "$subject" json
	run_counted_churn "$which"
	stop_tracer
	[ "$subject" != record ] || "$build/tcpflux" trace -r "$work/log" --raw -o json >"$work/out"
	if [ "$subject" != tcpstates ]; then
		lost=$(sed -n '/"type": *"summary"/ s/.*"lost": *\([0-9]*\).*/\1/p' "$work/out")
	fi
	echo "$subject $round $happened $(count_rows "$subject") ${lost:--}" >>"$work/counts"
}

# Every subject once, beginning with another one each time.
all_subjects() {
	local pass=$1 round=$2 i n=${#subjects[@]}

	for ((i = 0; i < n; i++)); do
		"$pass" "$round" "${subjects[(i + round) % n]}"
	done
}

# --- the report ----------------------------------------------------------------------------------

# Values one a line -> their median, - if there are none.
median() {
	sort -g | awk '
		{ v[NR] = $1 }
		END { print NR ? (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 : "-" }'
}

# The median of an awk expression over the rows that a subject ($1) has in a file ($2).
median_of() {
	awk -v subject="$1" '$1 == subject { print '"$3"' }' "$2" | median
}

# The median over the rounds of a subject's column $2 divided by that of "nothing".
median_ratio() {
	awk -v subject="$1" -v column="$2" '
		$1 == "nothing" { base[$2] = $column }
		$1 == subject { value[$2] = $column }
		END { for (round in value) print value[round] / base[round] }' "$work/rates" | median
}

# $1 with $2 decimals; what isn't known stays "-".
rounded() {
	[ "$1" = - ] && echo - || printf '%.*f\n' "$2" "$1"
}

# Happened, but neither printed nor counted as lost by the tool itself, over all runs.
completeness() {
	awk -v subject="$1" '
		$1 == subject { happened += $3; rows += $4; lost += $5; counts = counts || $5 != "-" }
		END { printf "%d | %d | %s | %d", happened, rows, counts ? lost : "-",
		      happened - rows - lost }' "$work/counts"
}

# One subject's row; $2: BPF time of the empty program.
print_row() {
	local subject=$1 base=$2 bpf runs net=- code=-

	bpf=$(median_of "$subject" "$work/times" '$4 / $3')
	runs=$(median_of "$subject" "$work/times" '$5 / $3')
	[ "$bpf" = - ] || [ "$base" = - ] || {
		net=$(awk "BEGIN { print $bpf - $base }")
		code=$(awk "BEGIN { print $bpf - $base * $runs }")
	}
	printf '| %s ' "$subject" \
		"$(rounded "$(median_of "$subject" "$work/rates" '$3')" 0)" \
		"$(rounded "$(median_ratio "$subject" 3)" 3)" \
		"$(rounded "$(median_of "$subject" "$work/rates" '$4')" 1)" \
		"$(rounded "$(median_ratio "$subject" 4)" 3)" \
		"$(rounded "$bpf" 0)" "$(rounded "$net" 0)" \
		"$(rounded "$runs" 1)" "$(rounded "$code" 0)" \
		"$(rounded "$(median_of "$subject" "$work/times" '$6 * 1e6 / $3')" 2)" \
		"$(rounded "$(median_of "$subject" "$work/times" '$7 * 1e6 / $3')" 2)"
	echo '|'
}

report() {
	local subject base

	base=$(median_of empty "$work/times" '$4 / $3')
	echo
	echo "Linux $(uname -r), $(nproc) CPUs, $load: medians of $rounds runs, $connections connections" \
		"each, $clients clients"
	echo
	echo "| | connections/s | ratio | CPU µs | ratio | BPF ns | net | runs | code ns |" \
		"user µs | system µs |"
	echo "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
	for subject in "${subjects[@]}"; do
		print_row "$subject" "$base"
	done
	echo
	echo "CPU: of churn, a connection. BPF: a transition; net of the empty program, which is nearly all"
	echo "of it the two readings of the clock that measuring costs; so is code, but for each run."
	echo "User, system: of the tracing process, a transition."
	[ -s "$work/counts" ] || return
	echo
	echo "| | happened | printed | counted as lost | missing |"
	echo "|---|--:|--:|--:|--:|"
	for subject in "${subjects[@]}"; do
		case $subject in
		nothing | empty | stat | top | by-*) ;;
		*) echo "| $subject | $(completeness "$subject") |" ;;
		esac
	done
}

# --- main ----------------------------------------------------------------------------------------

for file in tcpflux tests/bench/{churn,attach,empty.bpf.o}; do
	[ -e "$build/$file" ] || die "$build/$file: not there; run make"
done
choose_subjects
make_instance
touch "$work/rates" "$work/cpus" "$work/times" "$work/counts"
run_churn # warms up the caches; not counted
for pass in $passes; do
	for ((round = 1; round <= rounds; round++)); do
		echo "$pass $round of $rounds" >&2
		all_subjects "$pass" "$round"
	done
done
report
