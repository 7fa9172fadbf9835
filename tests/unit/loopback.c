// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The connection that `check` makes; it needs no rights. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "support/loopback.h"

TEST(test_story)
{
	struct loopback loopback;
	const struct loopback_story *story;

	assert_int_equal(loopback__prepare(&loopback), 0);
	story = loopback.story;
	assert_int_equal(story->connected, 0);
	assert_int_equal(loopback__run(&loopback), 0);
	assert_int_equal(story->server, loopback.pid);
	assert_true(story->client > 0 && story->client != story->server);
	assert_true(story->listener && story->accepted && story->connected);
	assert_true(story->listener != story->accepted && story->accepted != story->connected &&
		    story->connected != story->listener);
	loopback__end(&loopback);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

TEST(test_not_run)
{
	struct loopback loopback;

	assert_int_equal(loopback__prepare(&loopback), 0);
	loopback__end(&loopback);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(test_server_is_gone)
{
	struct loopback loopback;

	assert_int_equal(loopback__prepare(&loopback), 0);
	kill(loopback.pid, SIGKILL);
	assert_true(loopback__run(&loopback) < 0);
	loopback__end(&loopback);
}

RUN(cmocka_unit_test(test_story), cmocka_unit_test(test_not_run),
    cmocka_unit_test(test_server_is_gone))
