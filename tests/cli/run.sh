#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The command line: for every wrong use, and in every surrounding that does not allow tracing, the
# exact standard error, standard output and exit status. Prints TAP. What needs root or a namespace
# of its own is skipped where that is not to be had.
#
#	run.sh [--update]
#
# --update writes help.txt and *-help.txt anew. BUILD is the build directory, relative to the
# project's root; TCPFLUX, the program.

here=$(cd "$(dirname "$0")" && pwd) || exit 1
cd "$here/../.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# Other users shall be able to run it, wherever it was built.
chmod 755 "$dir"
tcpflux=$dir/tcpflux
cp "${TCPFLUX:-${BUILD:-build}/tcpflux}" "$tcpflux" || exit 1
export LC_ALL=C

. tests/tap.sh
. tests/cli/judge.sh
. tests/cli/words.sh
. tests/cli/help.sh
. tests/cli/output.sh
. tests/cli/surroundings.sh
. tests/cli/tracing.sh
. tests/cli/log.sh
. tests/cli/report.sh
. tests/cli/top.sh

check_words
check_expressions
check_stat
check_missing_values
check_values
check_help "${1-}"
check_output
check_log
check_report
check_top
check_kernel
check_btf
check_permissions
check_tracing_if_possible
finish
