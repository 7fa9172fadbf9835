# shellcheck shell=bash disable=SC2034,SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A terminal to run top on: what is pressed, and what is seen.

export LC_ALL=C.UTF-8 TZ=UTC
unset NO_COLOR TMUX

# A server for each test: the last one may take its time to go.
server=0
tmux_here() { tmux -S "$dir/socket$server" -f /dev/null "$@"; }

# terminal SIZE COMMAND: a shell runs it on a terminal of this size, as in 80x24, with what is in the
# array `surroundings` in front of it (env, unshare). What it ends with is on the screen, and so are
# the terminal's settings, if they are not as before.
surroundings=()
terminal() {
	local columns=${1%x*} lines=${1#*x}
	cat >"$dir/shell" <<-END
		before=\$(stty -g)
		echo "the shell was here"
		${surroundings[*]@Q} $2
		echo "status \$?"
		[ "\$before" = "\$(stty -g)" ] || echo "settings are not as before"
		exec sleep 1000
	END
	tmux_here new-session -d -x "$columns" -y "$lines" -s top "bash --norc $dir/shell" &&
		tmux_here set-option -g escape-time 0
}

terminal_end() {
	tmux_here kill-server 2>/dev/null
	server=$((server + 1))
	surroundings=()
}

press() { tmux_here send-keys -t top "$@"; }

resize() { tmux_here resize-window -t top -x "${1%x*}" -y "${1#*x}"; }

# The screen as text, and with its colours.
picture() { tmux_here capture-pane -p -t top; }
coloured_picture() { tmux_here capture-pane -e -p -t top; }

# sees PATTERN: it is on the screen, perhaps after a moment.
sees() {
	local try
	for ((try = 0; try < 100; try++)); do
		picture 2>/dev/null | grep -q -e "$1" && return
		sleep 0.1
	done
	return 1
}

sees_not() {
	local try
	for ((try = 0; try < 100; try++)); do
		picture | grep -q -e "$1" || return 0
		sleep 0.1
	done
	return 1
}

# result STATUS NAME: with the screen, if it is not well.
result() {
	[ "$1" = 0 ] || picture 2>&1 | sed 's/^/# |/'
	ok "$1" "$2"
}

# expect NAME PATTERN, and expect_not.
expect() {
	sees "$2"
	result $? "$1"
}

expect_not() {
	sees_not "$2"
	result $? "$1"
}

# order NAME FIRST SECOND...: rows that begin so are among each other.
order() {
	local name=$1 pattern
	shift
	pattern=$(printf '%s.*' "$@")
	local try status=1
	for ((try = 0; try < 50 && status; try++)); do
		picture | tr '\n' ' ' | grep -q -e "$pattern"
		status=$?
		[ $status = 0 ] || sleep 0.1
	done
	result $status "$name"
}

# top_pid: of the process that has the terminal.
top_pid() {
	local shell
	shell=$(tmux_here list-panes -t top -F '#{pane_pid}')
	ps -o pid=,comm= --ppid "$shell" | awk '$2 == "tcpflux" { print $1 }' | head -n 1
}

# The shell has its terminal back, as it was.
expect_end() {
	expect "$1: status $2" "^status $2\$"
	sees "^the shell was here" && ! picture | grep -q -e "^settings are"
	result $? "$1: the terminal is as it was before"
	[ "$(tmux_here display-message -p -t top '#{cursor_flag}#{alternate_on}')" = 10 ]
	result $? "$1: the cursor is there, the first screen is"
}
