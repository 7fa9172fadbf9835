#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# regenerate.sh [BTF]: writes vmlinux.h, beside this script: the types and members that types.txt
# names, as the running kernel (or the file BTF) declares them. The rest is left out, and so are
# the nameless structs around a member: CO-RE finds a member by its name (bpf_core_match_member()
# in libbpf). Run it after a change of types.txt; the build needs only its result.
set -eu
dir=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${BPFTOOL:-bpftool}" btf dump file "${1:-/sys/kernel/btf/vmlinux}" format c >"$work/dump"

cat >"$work/vmlinux.h" <<'END'
/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Made by regenerate.sh from types.txt and a kernel's BTF: edit those. */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#include <stdbool.h>

typedef signed char __s8, s8;
typedef unsigned char __u8, u8;
typedef short __s16, s16;
typedef unsigned short __u16, u16, __le16, __be16, __sum16;
typedef int __s32, s32;
typedef unsigned int __u32, u32, __le32, __be32, __wsum;
typedef long long __s64, s64;
typedef unsigned long long __u64, u64, __le64, __be64;
typedef int pid_t;
typedef unsigned int uid_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

END

awk -v dump="$work/dump" '
	BEGIN { while ((getline line <dump) > 0) read_dump(line) }

	# A block of the dump: its members by type and name, and, in order, all of them.
	function read_dump(line,    name) {
		if (line ~ /^(typedef )?(enum|struct)( [a-z_0-9]+)? \{$/) {
			type = line
			sub(/ \{$/, "", type)
			if (type == "enum") type = "enum " ++nameless
			block = ""
		} else if (line ~ /^}/ && type) {
			if (type ~ /^typedef/) { name = line; gsub(/[} ;]/, "", name); move("typedef " name) }
			else whole[type] = block
			type = ""
		} else if (type) {
			name = line
			if (type ~ /^enum/) { sub(/ =.*/, "", name); gsub(/[\t,]/, "", name) }
			else if (match(name, /\(\*[a-z_0-9]+\)/)) name = substr(name, RSTART + 2, RLENGTH - 3)
			else { sub(/(\[.*|: [0-9]+)?;$/, "", name); sub(/.*[ \t*]/, "", name) }
			block = block line "\n"
			sub(/^\t+/, "\t", line)
			member[type, name] = line "\n"
			names = names " " name
			if (type ~ /^enum [0-9]/) enum_of[name] = type
		}
	}
	function move(to,    n, list, i) {
		n = split(names, list, " ")
		for (i = 1; i <= n; i++)
			if ((type, list[i]) in member) member[to, list[i]] = member[type, list[i]]
		whole[to] = block
		for (i = 1; i <= n; i++) delete member[type, list[i]]
		names = ""
	}
	function need(text, what) {
		if (text == "") { print "not in this kernel: " what >"/dev/stderr"; failed = 1; exit 1 }
		return text
	}

	/^(enum|struct|typedef) / {
		key = $2 == "-" ? enum_of[$3] : $1 " " $2
		body = ""
		for (i = 3; i <= NF; i++) body = body need(member[key, $i], key " " $i)
		if (NF == 2) body = need(whole[key], key)
		if ($1 == "typedef") printf "typedef struct {\n%s} %s;\n\n", body, $2
		else printf "%s {\n%s};\n\n", $2 == "-" ? "enum" : key, body
	}
' "$dir/types.txt" >>"$work/vmlinux.h"

cat >>"$work/vmlinux.h" <<'END'
#pragma clang attribute pop

#endif
END
mv "$work/vmlinux.h" "$dir/vmlinux.h"
