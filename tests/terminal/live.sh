# shellcheck shell=bash disable=SC2034,SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# top as root, with connections in a network namespace of its own.

why_not_live() {
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
	else
		! { timeout 20 "$tcpflux" -q -d 1ms >"$dir/out"; } 2>&1 | head -n 1 | grep .
	fi
}

# live OPTION...: in a namespace, where connects to port 9 are refused a hundred times a second, on a
# machine with a name as clouds give it.
live() {
	cat >"$dir/refused" <<-'END'
		while :; do
			: </dev/tcp/127.0.0.1/9
			sleep 0.01
		done 2>/dev/null
	END
	cat >"$dir/live" <<-END
		ip link set lo up
		echo ip-10-20-30-40.far-away-1.compute.internal >/proc/sys/kernel/hostname
		bash $dir/refused &
		$tcpflux top -N self $*
		status=\$?
		kill %1
		exit \$status
	END
	surroundings=(unshare -nu)
	terminal 80x24 "bash $dir/live"
}

# Keys are answered, and the ring is read, also where all CPUs are busy.
goes_ahead_of_others() {
	local name="live: goes ahead of others"
	if ! chrt -r 1 true 2>/dev/null; then
		skip "$name" "no real-time scheduling here"
		return
	fi
	ps -o cls= -p "$(pgrep -d , -f "^$tcpflux top -N self -i 500ms")" | grep -q RR
	ok $? "$name"
}

test_live() {
	local why
	why=$(why_not_live)
	if [ "$why" ]; then
		skip "live" "$why"
		return
	fi
	live -i 500ms -v dport 9
	expect "live: what fails" '^bash  *0  *0  *[1-9][0-9.]*  *-'
	expect "live: a finding" 'connects that fail: 127.0.0.1:9: '
	expect "live: the interval" 'every 500ms  lost 0'
	goes_ahead_of_others
	press Tab Tab Tab
	expect "live: by remote port" '^9  *0  *0  *[1-9]'
	press Enter
	expect "live: its transitions" '^127.0.0.1:[0-9]*  *127.0.0.1:9  *SYN_SENT -> CLOSE '
	press Escape / 'dport = :10' Enter
	expect_not "live: a filter" '^9  *0'
	press q
	expect "live: where the filter runs" 'filter in the kernel: dport 9 and netns = [0-9]*$'
	expect_end "live" 0
}

# Whatever was there before it began is open.
test_live_before() {
	local why
	why=$(why_not_live)
	if [ "$why" ]; then
		skip "live: what was there before" "$why"
		return
	fi
	surroundings=(unshare -n)
	cat >"$dir/live" <<-END
		ip link set lo up
		$build/tests/bench/churn -c 1000000 -j 2 -p 7471 -n 1000000000 -b 1 >/dev/null &
		sleep 1
		$tcpflux top -N self -i 200ms --by lport
		kill %1
	END
	terminal 80x24 "bash $dir/live"
	expect "live: what was there before" '^7471  *2  *0 '
	expect "live: and its clients" '^(outgoing)  *2  *0 '
	expect "live: states" '^ESTABLISHED  *4 '
	press q
	expect_end "live: what was there before" 0
}
