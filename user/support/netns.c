// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "netns.h"

#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "parse.h"

/* Inode numbers of namespaces begin here: PROC_DYNAMIC_FIRST in fs/proc/generic.c. */
#define FIRST_INODE 0xf0000000u

/* A name is a file that the namespace is mounted on; one left behind by it is not. */
static bool find_inode(const char *path, uint32_t *inode)
{
	struct statfs fs;
	struct stat st;

	if (statfs(path, &fs) || fs.f_type != NSFS_MAGIC || stat(path, &st))
		return false;
	*inode = st.st_ino;
	return true;
}

const char *parse_netns(const char *text, void *dest)
{
	char path[PATH_MAX];
	uint64_t number;

	if (!strcmp(text, "self"))
		snprintf(path, sizeof(path), "/proc/self/ns/net");
	else
		snprintf(path, sizeof(path), "/run/netns/%s", text);
	if (!strchr(text, '/') && find_inode(path, dest))
		return NULL;
	if (parse_number(&text, UINT32_MAX, &number) && !*text && number >= FIRST_INODE) {
		*(uint32_t *)dest = number;
		return NULL;
	}
	return "expected a network namespace: a name of `ip netns`, an inode number, or self";
}
