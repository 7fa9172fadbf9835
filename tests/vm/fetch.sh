# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# Debian packages of any release and architecture, unpacked without root and without a trace in this
# machine's own package lists. Where they come from, and through which proxy, is what this machine's
# apt is set up for. Fetched once: what is in the cache is used for ever; remove it for newer ones.
# A function that fails leaves its reason in $reason.

cache=${KERNEL_CACHE:-${XDG_CACHE_HOME:-~/.cache}/tcpflux/kernels}
modules="veth dummy tun ifb sch_netem inet_diag tcp_diag libcrc32c udp_tunnel ip6_udp_tunnel sctp"
reason=

# Is this a system that has Debian packages at all?
can_fetch() {
	reason="kernels are fetched by apt-get, which isn't here"
	command -v apt-get >/dev/null || return
	reason="apt has no lists of Debian's packages; apt-get update fetches them, on Debian"
	[ "$(archive_of stable)" ]
}

# The address of Debian's archive that has suite $1. Security has an archive of its own.
archive_of() {
	local label=Debian

	case $1 in *-security) label=Debian-Security ;; esac
	# shellcheck disable=SC2016 # apt's own fields
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		awk -v label="$label" '$1 == label { print $2; exit }'
}

# apt_of SUITE ARCH TOOL ARG...: apt, but all that it knows is this suite.
apt_of() {
	local state=$cache/apt/$1-$2 arch=$2 tool=$3

	shift 3
	"$tool" -qq -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Dir::State="$state" -o Dir::State::Lists="$state/lists" \
		-o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
		-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$state/sources" \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o Acquire::Languages=none -o Acquire::Retries=2 -o APT::Sandbox::User=root "$@"
}

# quietly COMMAND...: its last line on standard error is the reason.
quietly() {
	"$@" 2>"$cache/error" && return
	reason=$(tail -n 1 "$cache/error")
	return 1
}

update_lists() {
	local suite=$1 arch=$2 state=$cache/apt/$1-$2 archive

	can_fetch || return
	archive=$(archive_of "$suite")
	reason="apt knows no archive for $suite"
	[ "$archive" ] || return
	mkdir -p "$state"/{lists/partial,cache/archives/partial,sources} || return
	: >"$state/status"
	printf '%s\n' "Types: deb" "URIs: $archive" "Suites: $suite" "Components: main" \
		"Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg" \
		>"$state/sources/debian.sources"
	quietly apt_of "$suite" "$arch" apt-get update
}

# unpack SUITE ARCH DIR PACKAGE...: the packages themselves; with DEPENDS=yes, all that they depend on
# too.
unpack() {
	local suite=$1 arch=$2 dir=$3 debs deb status=0
	local command=(apt-get download)

	shift 3
	debs=$(mktemp -d "$cache/debs.XXXXXX") || return
	[ ! "${DEPENDS-}" ] || command=(apt-get -y --download-only --no-install-recommends
		-o Dir::Cache::archives="$debs" -o Debug::NoLocking=1 install)
	mkdir -p "$dir" "$debs/partial"
	cd "$debs" && quietly apt_of "$suite" "$arch" "${command[@]}" "$@" || status=1
	cd "$OLDPWD" || return
	for deb in "$debs"/*.deb; do
		[ $status = 0 ] || break
		quietly dpkg-deb -x "$deb" "$dir" || status=1
	done
	rm -rf "$debs"
	return $status
}

# Is it a package that is there? Some are merely mentioned by others.
is_package() {
	[ "$(apt_of "$1" "$2" apt-cache show "$3" 2>/dev/null)" ]
}

# The packages that hold a kernel and its modules: two since 6.19. Nothing where one is missing.
packages_of() {
	local suite=$1 arch=$2 release=$3

	if ! is_package "$suite" "$arch" "linux-binary-$release"; then
		is_package "$suite" "$arch" "linux-image-$release" && echo "linux-image-$release"
	elif is_package "$suite" "$arch" "linux-modules-$release"; then
		echo "linux-binary-$release linux-modules-$release"
	fi
}

# The newest cloud kernel of a series that is there: its release and its packages.
choose_kernel() {
	local suite=$1 arch=$2 series=${3//./\\.} release packages

	[ "$series" != newest ] || series='[0-9]+\.[0-9]+'
	apt_of "$suite" "$arch" apt-cache pkgnames linux-image- | sed 's/^linux-image-//' |
		grep -E "^$series([.+-].*)?-cloud-$arch$" | sort -Vr | while read -r release; do
		packages=$(packages_of "$suite" "$arch" "$release")
		[ ! "$packages" ] || { echo "$release $packages"; break; }
	done
}

# What of an unpacked kernel goes into the guest: its image, and the modules that tests need.
keep_kernel() {
	local from=$1 to=$2 module file

	mkdir -p "$to/modules"
	cp "$(find "$from" -name 'vmlinuz*' -type f | head -n 1)" "$to/vmlinuz" || return
	for module in $modules; do
		file=$(find "$from" -name "$module.ko*" | head -n 1)
		case $file in
		*.xz) xz -dc "$file" >"$to/modules/$module.ko" ;;
		*.ko) cp "$file" "$to/modules/" ;;
		esac || return
	done
}

# fetch_kernel SUITE SERIES ARCH: -> $cache/SERIES-ARCH/{vmlinuz,release,modules/}
fetch_kernel() {
	local suite=$1 series=$2 arch=$3 kernel=$cache/$2-$3 new release packages status

	[ ! -e "$kernel/release" ] || return 0
	update_lists "$suite" "$arch" || return
	read -r release packages < <(choose_kernel "$suite" "$arch" "$series")
	# shellcheck disable=SC2034 # whoever sources this file uses it
	reason="$suite has no cloud kernel $series for $arch"
	[ "$release" ] || return
	new=$(mktemp -d "$cache/new.XXXXXX") || return
	# shellcheck disable=SC2086 # words
	unpack "$suite" "$arch" "$new/all" $packages &&
		quietly keep_kernel "$new/all" "$new/kept" &&
		echo "$release" >"$new/kept/release" && mv -T "$new/kept" "$kernel"
	status=$?
	rm -rf "$new"
	return $status
}

# fetch_root ARCH PACKAGE...: -> $cache/root-ARCH, with all that the packages depend on, if it was not
# made of the same. It is of this machine's own release, so that its libraries are as new as those
# here.
fetch_root() {
	local arch=$1 root=$cache/root-$1 suite dir

	shift
	[ "$*" != "$(cat "$root/packages" 2>/dev/null)" ] || return 0
	# shellcheck disable=SC1091
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	update_lists "$suite" "$arch" || return
	rm -rf "$root.new"
	DEPENDS=yes unpack "$suite" "$arch" "$root.new" "$@" || return
	# Later releases have all of it below /usr.
	for dir in bin lib; do
		[ -e "$root.new/$dir" ] || ln -s "usr/$dir" "$root.new/$dir"
	done
	echo "$*" >"$root.new/packages"
	rm -rf "$root" && mv -T "$root.new" "$root"
}
