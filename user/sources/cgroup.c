// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cgroup.h"

#include <dirent.h>
#include <limits.h>
#include <linux/mount.h>
#include <mntent.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct cgroup_path {
	uint64_t id;
	char *path; /* NULL: not found when it was asked for; numbers are not used again */
};

struct cgroups {
	char *root;		  /* where the hierarchy is mounted, or NULL */
	int mount;		  /* or is nowhere else, see mount_aside(); -1: not needed */
	void *tree;		  /* of struct cgroup_path, see tsearch(3) */
	struct cgroup_path *last; /* neighbours in the stream mostly have the same owner */
};

static char *find_mount(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	char *root = NULL;

	if (!mounts)
		return NULL;
	while (!root && (mount = getmntent(mounts)))
		if (!strcmp(mount->mnt_type, "cgroup2"))
			root = strdup(mount->mnt_dir);
	endmntent(mounts);
	return root;
}

/*
 * A mount that is attached nowhere, and goes with its descriptor (fsmount(2)); negative if that is
 * not permitted.
 */
static int mount_aside(void)
{
	int fs = syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC), fd = -1;

	if (fs < 0)
		return fs;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	close(fs);
	return fd;
}

struct cgroups *cgroups__new(void)
{
	struct cgroups *cgroups = calloc(1, sizeof(*cgroups));

	if (!cgroups)
		return NULL;
	cgroups->root = find_mount();
	cgroups->mount = -1;
	if (cgroups->root)
		return cgroups;
	/* `ip netns exec` hides it behind a /sys of its own. */
	cgroups->mount = mount_aside();
	if (cgroups->mount >= 0 && asprintf(&cgroups->root, "/proc/self/fd/%d", cgroups->mount) < 0)
		cgroups->root = NULL;
	return cgroups;
}

static void free_entry(void *node)
{
	struct cgroup_path *entry = node;

	free(entry->path);
	free(entry);
}

void cgroups__free(struct cgroups *cgroups)
{
	if (!cgroups)
		return;
	tdestroy(cgroups->tree, free_entry);
	free(cgroups->root);
	if (cgroups->mount >= 0)
		close(cgroups->mount);
	free(cgroups);
}

static int by_id(const void *a, const void *b)
{
	const struct cgroup_path *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* The entry with this number; a new one without a path if there is none; NULL without memory. */
static struct cgroup_path *find_entry(struct cgroups *cgroups, uint64_t id)
{
	struct cgroup_path *new,
		**found = tfind(&(struct cgroup_path){ .id = id }, &cgroups->tree, by_id);

	if (found)
		return *found;
	new = calloc(1, sizeof(*new));
	if (!new)
		return NULL;
	new->id = id;
	if (tsearch(new, &cgroups->tree, by_id))
		return new;
	free(new);
	return NULL;
}

static void add_directory(struct cgroups *cgroups, const char *path, uint64_t id)
{
	struct cgroup_path *entry = find_entry(cgroups, id);

	path += strlen(cgroups->root);
	if (entry && !entry->path)
		entry->path = strdup(*path ? path : "/");
}

/* The directory `path`, of so many bytes in a buffer of PATH_MAX, and all below it. */
static void walk(struct cgroups *cgroups, char *path, size_t len)
{
	struct dirent *child;
	struct stat st;
	DIR *dir;

	if (stat(path, &st))
		return;
	add_directory(cgroups, path, st.st_ino);
	dir = opendir(path);
	while (dir && (child = readdir(dir))) {
		size_t more = strlen(child->d_name) + 1;

		if (child->d_type != DT_DIR || *child->d_name == '.' || len + more >= PATH_MAX)
			continue;
		path[len] = '/';
		memcpy(path + len + 1, child->d_name, more);
		walk(cgroups, path, len + more);
		path[len] = '\0';
	}
	if (dir)
		closedir(dir);
}

static void walk_all(struct cgroups *cgroups)
{
	char path[PATH_MAX];
	size_t len = cgroups->root ? strlen(cgroups->root) : PATH_MAX;

	if (len >= PATH_MAX)
		return;
	memcpy(path, cgroups->root, len + 1);
	walk(cgroups, path, len);
}

const char *cgroups__path(struct cgroups *cgroups, uint64_t id)
{
	struct cgroup_path *entry = cgroups->last;

	if (entry && entry->id == id)
		return entry->path;
	if (!tfind(&(struct cgroup_path){ .id = id }, &cgroups->tree, by_id))
		walk_all(cgroups);
	entry = find_entry(cgroups, id);
	cgroups->last = entry;
	return entry ? entry->path : NULL;
}

const char *cgroups__root(const struct cgroups *cgroups)
{
	return cgroups->root;
}
