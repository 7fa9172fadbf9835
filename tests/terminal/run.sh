#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What top shows on a terminal, which is tmux's: a log that is played, and live connections in a
# network namespace of its own where that is to be had. Prints TAP.
#
#	run.sh [WORD]		only tests whose name contains it
#
# BUILD is the build directory, TCPFLUX the program.
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${BUILD:-build}")
tcpflux=$(realpath "${TCPFLUX:-$build/tcpflux}")
only=${1-}
dir=$(mktemp -d) || exit 1
# Whoever has stopped the program still has the terminal.
trap 'terminal_end; rm -rf "$dir"' EXIT
. tests/tap.sh
. tests/terminal/terminal.sh
. tests/terminal/logs.sh
. tests/terminal/played.sh
. tests/terminal/ends.sh
. tests/terminal/live.sh

if ! command -v tmux >/dev/null; then
	skip "top on a terminal" "no tmux"
	finish
fi
make_logs || exit 1
for test in $(declare -F | awk '/^declare -f test_/ { print $3 }'); do
	[[ $test = *"$only"* ]] || continue
	"$test"
	terminal_end
done
finish
