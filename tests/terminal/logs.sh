# shellcheck shell=bash disable=SC2034,SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Logs to be played, made of streams as those of tests/golden/.

# client COOKIE COMM PORT MS: one that connects, stays for a moment and closes first.
# server COOKIE COMM PORT MS: accepts, and the peer closes first; it never does.
# refused COOKIE COMM PORT MS
stream_of_connections() {
	cat <<-'END'
		start version=1.2.3 hostname=host kernel=6.12.0 time=0
		timewait since=0
	END
	awk '
	function client(cookie, comm, port, ms) {
		printf "default owner_how=self pid=7 comm=%s laddr=10.0.0.1 raddr=10.0.0.%d rport=%d lport=%d cookie=%d\n",
			comm, port % 200, port, 40000 + cookie, cookie
		printf "transition time=%dms old_state=CLOSE new_state=SYN_SENT lport=0\n", ms
		printf "transition time=%dms since=%dms born=%dms old_state=SYN_SENT new_state=ESTABLISHED\n", ms + 2, ms, ms
		printf "transition time=%dms since=%dms born=%dms old_state=ESTABLISHED new_state=CLOSE error=ECONNRESET\n", ms + 10, ms + 2, ms
	}
	function refused(cookie, comm, port, ms) {
		printf "default owner_how=self pid=8 comm=%s laddr=10.0.0.1 raddr=10.0.1.1 rport=%d lport=%d cookie=%d\n",
			comm, port, 40000 + cookie, cookie
		printf "transition time=%dms old_state=CLOSE new_state=SYN_SENT lport=0\n", ms
		printf "transition time=%dms since=%dms born=%dms old_state=SYN_SENT new_state=CLOSE error=ECONNREFUSED\n", ms + 1, ms, ms
	}
	function server(cookie, comm, port, ms) {
		printf "default owner_how=accepted pid=9 comm=%s raddr=2001:db8::%x rport=50000 laddr=2001:db8::1 lport=%d cookie=%d\n",
			comm, cookie, port, cookie
		printf "transition time=%dms old_state=LISTEN new_state=SYN_RECV\n", ms
		printf "transition time=%dms since=%dms born=%dms old_state=SYN_RECV new_state=ESTABLISHED\n", ms + 1, ms, ms
		printf "transition time=%dms since=%dms born=%dms old_state=ESTABLISHED new_state=CLOSE_WAIT\n", ms + 5, ms + 1, ms
	}
	BEGIN {
		for (i = 0; i < 30; i++) {
			client(1000 + i, "curl", 443, i * 1000)
			for (j = 0; j < 10; j++)
				client(2000 + 10 * i + j, "wget", 80, i * 1000 + 20 * (j + 1))
			if (i % 2)
				refused(3000 + i, "\"ev\\x1b[31mil\"", 5432, i * 1000 + 300)
			if (i < 3)
				server(4000 + i, "leaky", 8080, i * 1000 + 400)
		}
	}'
}

make_logs() {
	stream_of_connections >"$dir/stream"
	"$build/tests/golden/replay" --log="$dir/log.tfx" text <"$dir/stream" >/dev/null || return
	head -n 40 "$dir/stream" >"$dir/short"
	"$build/tests/golden/replay" --log="$dir/short.tfx" text <"$dir/short" >/dev/null
}
