// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Naming a network namespace. Names under /run/netns need root and are tested elsewhere. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "support/netns.h"

TEST(test_self)
{
	uint32_t inode = 0;
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	assert_null(parse_netns("self", &inode));
	assert_true(inode == st.st_ino);
}

TEST(test_inode)
{
	uint32_t inode = 0;

	assert_null(parse_netns("4026531840", &inode));
	assert_true(inode == 4026531840);
	assert_null(parse_netns("4294967295", &inode));
	assert_true(inode == 4294967295);
}

TEST(test_refused)
{
	static const char *const texts[] = {
		"",
		" ",
		"no-such-namespace",
		"0",
		"00",
		"4294967296",
		"18446744073709551616",
		"-1",
		"+4026531840",
		"4026531840x",
		" 4026531840",
		"4026531840 ",
		"0xf0000000",
		/* Nothing outside of /run/netns, and no file that is not a namespace. */
		".",
		"..",
		"/",
		"a/b",
		"../netns",
		"./self",
		"/proc/self/ns/net",
		"../../proc/self/ns/net",
		"self/",
		"Self",
		"self ",
	};
	uint32_t inode = 42;

	for (size_t i = 0; i < COUNT(texts); i++) {
		const char *problem = parse_netns(texts[i], &inode);

		if (!problem || !*problem)
			fail_msg("\"%s\" was accepted", texts[i]);
		assert_int_equal(inode, 42);
	}
}

TEST(test_a_very_long_name)
{
	enum { LEN = 100000 };
	char *name = malloc(LEN + 1);
	uint32_t inode = 42;

	memset(name, 'a', LEN);
	name[LEN] = '\0';
	assert_non_null(parse_netns(name, &inode));
	memset(name, '9', LEN);
	assert_non_null(parse_netns(name, &inode));
	assert_int_equal(inode, 42);
	free(name);
}

RUN(cmocka_unit_test(test_self), cmocka_unit_test(test_inode), cmocka_unit_test(test_refused),
    cmocka_unit_test(test_a_very_long_name))
