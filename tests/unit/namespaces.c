// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every network namespace once, the own one first. Those of others need root: tests/root/. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "sources/namespaces.h"

struct seen {
	uint32_t inode[1024];
	size_t count;
	int answer;
};

static int note(void *ctx, int fd, uint32_t inode)
{
	struct seen *seen = ctx;
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_ino == inode);
	assert_true(seen->count < COUNT(seen->inode));
	seen->inode[seen->count++] = inode;
	return seen->answer;
}

static uint32_t own(void)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	return st.st_ino;
}

TEST(test_each_once)
{
	struct seen seen = {};
	unsigned int hidden;

	assert_int_equal(namespaces__each(note, &seen, &hidden), 0);
	assert_true(seen.count > 0 && seen.inode[0] == own());
	for (size_t i = 0; i < seen.count; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(seen.inode[i] != seen.inode[j]);
}

TEST(test_the_search_can_be_ended)
{
	struct seen seen = { .answer = -7 };
	unsigned int hidden;

	assert_int_equal(namespaces__each(note, &seen, &hidden), -7);
	assert_int_equal(seen.count, 1);
}

/* All descriptors are closed again. */
TEST(test_descriptors)
{
	struct seen seen = {};
	unsigned int hidden;
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;

	assert_int_equal(namespaces__each(note, &seen, &hidden), 0);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(after, before + 1);
	close(after);
	close(before);
}

TEST(test_home)
{
	uint32_t inode = 0;
	int fd = namespaces__home(&inode);
	struct stat st;

	assert_true(fd >= 0 && !fstat(fd, &st));
	assert_true(st.st_ino == own() && inode == own());
	close(fd);
	assert_true(namespaces__enter(-1) < 0);
}

RUN(cmocka_unit_test(test_each_once), cmocka_unit_test(test_the_search_can_be_ended),
    cmocka_unit_test(test_descriptors), cmocka_unit_test(test_home))
