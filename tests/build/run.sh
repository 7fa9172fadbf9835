#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The build itself: both compilers without a warning, and an installation that is whole.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tests/tap.sh

check() { # check NAME COMMAND...
	name=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		ok 0 "$name"
	else
		ok 1 "$name"
		sed 's/^/# /' "$work/log"
	fi
}
# The make that runs the tests must not pass its own variables on.
unset MAKEFLAGS MFLAGS BUILD
compile() { make -s WERROR=1 CC="$1" BUILD="$work/$1" all tests; }
installed() {
	make -s BUILD="$work/gcc" DESTDIR="$work/root" PREFIX=/opt/tcpflux install &&
		"$work/root/opt/tcpflux/sbin/tcpflux" --version &&
		test -s "$work/root/opt/tcpflux/share/man/man8/tcpflux.8" &&
		test -s "$work/root/opt/tcpflux/share/man/man5/tcpflux-log.5"
}
nothing_rebuilt() { make -q BUILD="$work/gcc" all; }
header_tracked() { make -q -W bpf/event.h BUILD="$work/gcc" all; test $? = 1; }
verbose() { make -n -B V=1 BUILD="$work/gcc" all | grep -q -- '-Wall -Wextra'; }

check "gcc, -Wall -Wextra -Werror" compile gcc
check "clang, -Wall -Wextra -Werror" compile clang
check "make install with DESTDIR and PREFIX" installed
check "a second make has nothing to do" nothing_rebuilt
check "a changed header rebuilds" header_tracked
check "V=1 shows the commands" verbose
check "the installed man page has every option" sh -c '
	{ "$1" trace --help; "$1" record --help; "$1" top --help; } | grep -o -- "--[a-z0-9-]*[a-z0-9]" | sort -u | while read -r option; do
		grep -q -- "$(echo "$option" | sed "s/-/\\\\\\\\-/g")" doc/tcpflux.8 || { echo "$option"; exit 1; }
	done' - "$work/gcc/tcpflux"
finish
