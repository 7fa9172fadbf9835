#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What can be found without running anything. Prints TAP.
#
#	run.sh [WORD]		only tools whose name contains it
#
# BUILD is the build directory: user/ includes a header that is made there. The tools are configured
# by .clang-format, .clang-tidy and cppcheck.supp, and by comments where one place is an exception.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
only=${1-}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
log=$dir/log
. tests/tap.sh

# What bpftool makes is not ours.
for skeleton in "$build"/*.skel.h; do
	{
		echo "/* NOLINTBEGIN */"
		cat "$skeleton"
		echo "/* NOLINTEND */"
	} >"$dir/${skeleton##*/}"
done

# As they are compiled.
user_flags=(-std=gnu11 -D_GNU_SOURCE '-DTCPFLUX_VERSION="0"' -Ibpf -Iuser "-I$dir")
bpf_flags=(-std=gnu11 -target bpf -mcpu=v3 -Ivmlinux -Ibpf)

sources() { find "$@" -name '*.c' ! -name '*.bpf.c' | sort; }

check_format() { find bpf user tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror; }

tidy() { # tidy FLAGS... <FILES
	xargs -P "$(nproc)" -I{} clang-tidy --quiet {} -- "$@"
}

check_tidy_user() { sources user | tidy "${user_flags[@]}"; }
check_tidy_tests() { sources tests | tidy "${user_flags[@]}"; }
check_tidy_bpf() { find bpf -name '*.bpf.c' | tidy "${bpf_flags[@]}"; }

# The macros are libbpf's; cppcheck can't read programs that consist of them.
check_cppcheck() {
	cppcheck -q -j "$(nproc)" --enable=warning,style,performance,portability --std=c11 \
		--error-exitcode=1 --inline-suppr --suppressions-list=tests/static/cppcheck.supp \
		-D_GNU_SOURCE -DTCPFLUX_VERSION='"0"' -Ibpf -Iuser \
		-D'LIBBPF_OPTS(type, name, ...)=struct type name' \
		-D'bpf_object__for_each_program(prog, object)=for (;;)' \
		--file-list=<(sources user tests)
}

# Not: that a function is called by its name in a variable (2317), that a string is for another shell
# (2016), and what a list of words or of && and || would do to other values than it has (2013, 2015).
check_shell() {
	grep -rlE '^#!/bin/(ba)?sh|shellcheck shell=' .ci deps.sh tests vmlinux |
		xargs shellcheck --norc -x -e 2317,2016,2013,2015
}

# check TOOL NAME FUNCTION
check() {
	[[ $2 = *"$only"* ]] || return
	if ! command -v "$1" >/dev/null; then
		skip "$2" "no $1"
	elif "$3" >"$log" 2>&1; then
		ok 0 "$2"
	else
		ok 1 "$2"
		grep -v 'warnings generated\|^Suppressed\|^Use -header' "$log" | sed 's/^/# /'
	fi
}

check clang-format "clang-format" check_format
check clang-tidy "clang-tidy user" check_tidy_user
check clang-tidy "clang-tidy tests" check_tidy_tests
check clang-tidy "clang-tidy bpf" check_tidy_bpf
check cppcheck "cppcheck" check_cppcheck
check shellcheck "shellcheck" check_shell
finish
