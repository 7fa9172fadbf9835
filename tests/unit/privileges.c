// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Giving up capabilities works for everyone, also for those who have none. */
#include "unit.h"

#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "support/privileges.h"

static bool has_none(void)
{
	cap_t caps = cap_get_proc(), none = cap_init();
	bool same = caps && none && !cap_compare(caps, none);

	cap_free(caps);
	cap_free(none);
	return same && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static int drop_twice(void)
{
	if (privileges__drop() || !has_none())
		return 1;
	return privileges__drop() || !has_none() ? 2 : 0;
}

/* In a process of its own, for it is for good. */
TEST(test_drop)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		_exit(drop_twice());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What it keeps it had before: nobody gains by it. */
static int drop_but_one(void)
{
	static const cap_value_t kept[] = { CAP_SYS_ADMIN, 1000 };
	cap_t before = cap_get_proc(), after;
	cap_flag_value_t had, has, effective, other;

	if (privileges__drop_but(kept, COUNT(kept)))
		return 1;
	after = cap_get_proc();
	if (cap_get_flag(before, CAP_SYS_ADMIN, CAP_PERMITTED, &had) ||
	    cap_get_flag(after, CAP_SYS_ADMIN, CAP_PERMITTED, &has) ||
	    cap_get_flag(after, CAP_SYS_ADMIN, CAP_EFFECTIVE, &effective) ||
	    cap_get_flag(after, CAP_NET_ADMIN, CAP_PERMITTED, &other))
		return 2;
	cap_free(before);
	cap_free(after);
	return has != had || effective != had || other != CAP_CLEAR ? 3 : 0;
}

TEST(test_drop_but)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		_exit(drop_but_one());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

RUN(cmocka_unit_test(test_drop), cmocka_unit_test(test_drop_but))
