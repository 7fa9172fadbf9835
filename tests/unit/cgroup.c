// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Paths of cgroups by their number, compared with what this machine has mounted of version 2.
 */
#include "unit.h"

#include <dirent.h>
#include <mntent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "sources/cgroup.h"

#define NO_SUCH_CGROUP UINT64_MAX

/* Where the hierarchy is mounted; NULL if it is not. */
static const char *find_root(void)
{
	static char root[4096];
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;

	root[0] = '\0';
	while (mounts && !*root && (mount = getmntent(mounts)))
		if (!strcmp(mount->mnt_type, "cgroup2"))
			snprintf(root, sizeof(root), "%s", mount->mnt_dir);
	if (mounts)
		endmntent(mounts);
	return *root ? root : NULL;
}

/* The name of some directory in `parent`, or NULL. */
static const char *find_child(const char *parent)
{
	static char name[256];
	DIR *dir = opendir(parent);
	struct dirent *entry;

	name[0] = '\0';
	while (dir && !*name && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			snprintf(name, sizeof(name), "%s", entry->d_name);
	if (dir)
		closedir(dir);
	return *name ? name : NULL;
}

static void check_path(struct cgroups *cgroups, const char *directory, const char *path)
{
	const char *found;
	struct stat st;

	assert_int_equal(stat(directory, &st), 0);
	found = cgroups__path(cgroups, st.st_ino);
	assert_non_null(found);
	assert_string_equal(found, path);
	/* Asked again, the same string: it lives as long as they do. */
	assert_ptr_equal(cgroups__path(cgroups, st.st_ino), found);
}

TEST(test_paths)
{
	struct cgroups *cgroups = cgroups__new();
	const char *root = find_root(), *name;
	char directory[8192], path[512];

	assert_non_null(cgroups);
	if (root)
		check_path(cgroups, root, "/");
	name = root ? find_child(root) : NULL;
	if (name) {
		snprintf(directory, sizeof(directory), "%s/%s", root, name);
		snprintf(path, sizeof(path), "/%s", name);
		check_path(cgroups, directory, path);
		check_path(cgroups, root, "/");
	}
	cgroups__free(cgroups);
}

TEST(test_unknown_numbers)
{
	struct cgroups *cgroups = cgroups__new();
	const char *root = find_root();

	assert_null(cgroups__path(cgroups, NO_SUCH_CGROUP));
	assert_null(cgroups__path(cgroups, NO_SUCH_CGROUP));
	assert_null(cgroups__path(cgroups, 0));
	assert_null(cgroups__path(cgroups, NO_SUCH_CGROUP));
	if (root) {
		const char *found;
		struct stat st;

		check_path(cgroups, root, "/");
		/* Each unknown number is another walk; what was found before stays as it is. */
		assert_int_equal(stat(root, &st), 0);
		found = cgroups__path(cgroups, st.st_ino);
		assert_null(cgroups__path(cgroups, NO_SUCH_CGROUP - 1));
		assert_ptr_equal(cgroups__path(cgroups, st.st_ino), found);
	}
	assert_null(cgroups__path(cgroups, 0));
	cgroups__free(cgroups);
}

/* One that is made while tracing runs; only where this user may make one. */
TEST(test_a_new_cgroup)
{
	struct cgroups *cgroups = cgroups__new();
	const char *root = find_root();
	char directory[8192], path[64];

	snprintf(path, sizeof(path), "/tcpflux-test-%d", (int)getpid());
	snprintf(directory, sizeof(directory), "%s%s", root ? root : "", path);
	assert_null(cgroups__path(cgroups, NO_SUCH_CGROUP));
	if (root && !mkdir(directory, 0755)) {
		struct stat st;
		int err = stat(directory, &st);
		const char *found = cgroups__path(cgroups, st.st_ino);

		/* Remove it first: a failed assertion leaves the test. */
		rmdir(directory);
		assert_int_equal(err, 0);
		assert_non_null(found);
		assert_string_equal(found, path);
		/* It is remembered when it is gone: its last transitions come later. */
		assert_ptr_equal(cgroups__path(cgroups, st.st_ino), found);
	}
	cgroups__free(cgroups);
}

TEST(test_free_nothing)
{
	cgroups__free(NULL);
	cgroups__free(cgroups__new());
}

RUN(cmocka_unit_test(test_paths), cmocka_unit_test(test_unknown_numbers),
    cmocka_unit_test(test_a_new_cgroup), cmocka_unit_test(test_free_nothing))
