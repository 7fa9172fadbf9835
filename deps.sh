#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# deps.sh build|check: installs what the build, or the tests too, need and is not there yet. Fetches
# nothing where all is there. Debian and Ubuntu by apt; elsewhere it names what is missing.
set -eu

# What is there when its check succeeds, and the Debian package that brings it. CC chooses the
# compiler of the user side; gcc is what is installed if there is none.
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
have_header() { echo "#include <$1>" | "${CC:-cc}" -E - >/dev/null 2>&1; }
have_cmocka() { # it asks for these headers first
	printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h |
		"${CC:-cc}" -E - >/dev/null 2>&1
}
have_bpftool() {
	for b in bpftool /usr/sbin/bpftool /usr/lib/linux-tools*/*/bpftool; do
		"$b" version >/dev/null 2>&1 && return
	done
	return 1
}
have_bpf_clang() { echo 'int x;' | "${CLANG:-clang}" -target bpf -x c -c -o /dev/null - 2>/dev/null; }

missing=
need() { # need PACKAGE CHECK...
	package=$1
	shift
	"$@" || missing="$missing $package"
}

need gcc have "${CC:-cc}"
need make have make
need libc6-dev have_header stdio.h
need clang have_bpf_clang
need bpftool have_bpftool
need libbpf-dev have_header bpf/libbpf.h
need libcap-dev have_header sys/capability.h
need libzstd-dev have_header zstd.h
need libsqlite3-dev have_header sqlite3.h
need libncurses-dev have_header curses.h
need zlib1g-dev have_header zlib.h
if [ "${1:-build}" = check ]; then
	need gcc have gcc
	need libcmocka-dev have_cmocka
	need iproute2 have ip
	need iproute2 have ss
	need util-linux have setpriv
	need jq have jq
	need clang-format have clang-format
	need clang-tidy have clang-tidy
	need cppcheck have cppcheck
	need shellcheck have shellcheck
	need valgrind have valgrind
	need sqlite3 have sqlite3
	need tmux have tmux
	need bsdutils have script
	need libxml2-utils have xmllint
	# On Ubuntu the package is none: the browser comes another way, which containers don't have.
	if grep -qs '^ID=debian' /etc/os-release; then
		need chromium have chromium
	fi
	# Other kernels are tested where they can be fetched.
	if have apt-get; then
		need qemu-system-x86 have qemu-system-x86_64
		need qemu-system-arm have qemu-system-aarch64
		need gcc-x86-64-linux-gnu have x86_64-linux-gnu-gcc
		need gcc-aarch64-linux-gnu have aarch64-linux-gnu-gcc
		need cpio have cpio
		need xz-utils have xz
	fi
fi
[ "$missing" ] || exit 0

if ! have apt-get; then
	echo "missing, by their names in Debian:$missing" >&2
	echo "install them with this system's package manager and try again" >&2
	exit 1
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
echo "installing:$missing" >&2
$sudo apt-get -qq update
# Ubuntu has bpftool among each kernel's tools.
case $missing in *bpftool*)
	apt-cache policy bpftool | grep -q 'Candidate: [0-9]' ||
		missing=$(echo "$missing" | sed 's/bpftool/linux-tools-common linux-tools-generic/') ;;
esac
# shellcheck disable=SC2086 # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y $missing >&2
