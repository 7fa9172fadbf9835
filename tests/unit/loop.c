// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What wakes the loop, what ends it, and that many wake-ups become one. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "support/clock.h"
#include "support/loop.h"

#define DELAY_NS (20 * NS_PER_MS)
/* Should a loop not end, the test does not wait for ever. */
#define AT_MOST_NS (20 * NS_PER_S)

/* A data source, a pipe, and what was seen of it. */
struct source {
	int read, write;
	struct loop *loop;
	int calls;
	size_t bytes;
	uint64_t times[16]; /* of the calls, ns */
	int feed;	    /* calls that write a byte for the next one */
	int result;	    /* of the last call */
	int calls_max;
};

static void open_source(struct source *source)
{
	int fds[2];

	*source = (struct source){ .loop = loop__new(), .calls_max = 16 };
	assert_non_null(source->loop);
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	source->read = fds[0];
	source->write = fds[1];
}

static void close_source(struct source *source)
{
	loop__free(source->loop);
	close(source->read);
	if (source->write >= 0)
		close(source->write);
}

static void feed(struct source *source)
{
	assert_int_equal(write(source->write, "x", 1), 1);
}

static int on_data(void *ctx)
{
	struct source *source = ctx;
	char buf[64];
	ssize_t n;

	source->times[source->calls++] = clock_ns(CLOCK_MONOTONIC);
	while ((n = read(source->read, buf, sizeof(buf))) > 0)
		source->bytes += n;
	if (source->feed-- > 0)
		feed(source);
	return source->calls == source->calls_max ? -ECANCELED : source->result;
}

static bool readable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, 0) == 1;
}

TEST(test_ends_after_a_time)
{
	struct source source;
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);

	open_source(&source);
	assert_int_equal(loop__watch(source.loop, source.read, DELAY_NS, on_data, &source), 0);
	assert_int_equal(loop__stop_after(source.loop, 50 * NS_PER_MS), 0);
	assert_false(readable(loop__stop_fd(source.loop)));
	assert_int_equal(loop__run(source.loop), 0);
	assert_true(clock_ns(CLOCK_MONOTONIC) - begin >= 50 * NS_PER_MS);
	/* Those who wait elsewhere see it too, and it stays. */
	assert_true(readable(loop__stop_fd(source.loop)));
	assert_int_equal(loop__run(source.loop), 0);
	assert_int_equal(source.calls, 0);
	close_source(&source);
}

/* The last call's own error is what the loop returns. */
TEST(test_an_error_ends_it)
{
	struct source source;

	open_source(&source);
	source.result = -EPIPE;
	feed(&source);
	assert_int_equal(loop__watch(source.loop, source.read, 0, on_data, &source), 0);
	assert_int_equal(loop__stop_after(source.loop, AT_MOST_NS), 0);
	assert_int_equal(loop__run(source.loop), -EPIPE);
	assert_int_equal(source.calls, 1);
	assert_false(readable(loop__stop_fd(source.loop)));
	close_source(&source);
}

TEST(test_without_delay)
{
	struct source source;

	open_source(&source);
	source.feed = 3;
	source.calls_max = 4;
	feed(&source);
	assert_int_equal(loop__watch(source.loop, source.read, 0, on_data, &source), 0);
	assert_int_equal(loop__stop_after(source.loop, AT_MOST_NS), 0);
	assert_int_equal(loop__run(source.loop), -ECANCELED);
	assert_int_equal(source.calls, 4);
	assert_true(source.bytes == 4);
	close_source(&source);
}

/* Never sooner than the delay, neither the first time nor later; what came meanwhile is there. */
TEST(test_with_delay)
{
	struct source source;
	uint64_t before;

	open_source(&source);
	source.feed = 3;
	source.calls_max = 4;
	assert_int_equal(loop__watch(source.loop, source.read, DELAY_NS, on_data, &source), 0);
	assert_int_equal(loop__stop_after(source.loop, AT_MOST_NS), 0);
	for (int i = 0; i < 10; i++)
		feed(&source);
	before = clock_ns(CLOCK_MONOTONIC);
	assert_int_equal(loop__run(source.loop), -ECANCELED);
	assert_int_equal(source.calls, 4);
	assert_true(source.bytes == 13);
	for (int i = 0; i < source.calls; i++) {
		assert_true(source.times[i] - before >= DELAY_NS);
		before = source.times[i];
	}
	close_source(&source);
}

#define PORTIONS 100

struct portions {
	struct source source;
	int left, keys; /* keys: those that came when some were taken, and some left */
};

static int take_a_portion(void *ctx)
{
	struct portions *portions = ctx;

	return --portions->left ? LOOP_AGAIN : -ECANCELED;
}

static int on_key(void *ctx)
{
	struct portions *portions = ctx;

	portions->keys += portions->left > 0 && portions->left < PORTIONS;
	return 0;
}

/* What is left is gone on with at once, but others have their turn in between. */
TEST(test_in_portions)
{
	struct portions portions = { .left = PORTIONS };
	struct source *source = &portions.source;
	uint64_t begun;
	int keys[2];

	open_source(source);
	feed(source);
	assert_int_equal(pipe(keys), 0);
	assert_int_equal(write(keys[1], "k", 1), 1);
	assert_int_equal(
		loop__watch(source->loop, source->read, DELAY_NS, take_a_portion, &portions), 0);
	assert_int_equal(loop__watch(source->loop, keys[0], 0, on_key, &portions), 0);
	assert_int_equal(loop__stop_after(source->loop, AT_MOST_NS), 0);
	begun = clock_ns(CLOCK_MONOTONIC);
	assert_int_equal(loop__run(source->loop), -ECANCELED);
	assert_int_equal(portions.left, 0);
	assert_true(portions.keys > 0);
	assert_true(clock_ns(CLOCK_MONOTONIC) - begun < PORTIONS * DELAY_NS / 2);
	close(keys[0]);
	close(keys[1]);
	close_source(source);
}

/* A source that is never drained must not keep the end from being seen. */
static int leave_it(void *ctx)
{
	++*(int *)ctx;
	return 0;
}

TEST(test_a_busy_source_does_not_hide_the_end)
{
	static const uint64_t delays[] = { 0, NS_PER_MS };

	for (size_t i = 0; i < COUNT(delays); i++) {
		struct source source;
		int calls = 0;

		open_source(&source);
		feed(&source);
		assert_int_equal(loop__watch(source.loop, source.read, delays[i], leave_it, &calls),
				 0);
		assert_int_equal(loop__stop_after(source.loop, 50 * NS_PER_MS), 0);
		assert_int_equal(loop__run(source.loop), 0);
		assert_true(calls >= 1);
		close_source(&source);
	}
}

TEST(test_ends_on_a_descriptor)
{
	struct source source;
	int fds[2];

	open_source(&source);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(loop__stop_on(source.loop, fds[0]), 0);
	assert_int_equal(loop__stop_after(source.loop, AT_MOST_NS), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop__run(source.loop), 0);
	assert_true(readable(loop__stop_fd(source.loop)));
	close(fds[0]);
	close(fds[1]);
	close_source(&source);
}

TEST(test_ends_on_hangup)
{
	struct source source;
	int fds[2];

	open_source(&source);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(loop__stop_on_hangup(source.loop, fds[1]), 0);
	assert_int_equal(loop__stop_after(source.loop, AT_MOST_NS), 0);
	/* That there is room to write is not what is waited for. */
	assert_false(readable(loop__stop_fd(source.loop)));
	close(fds[0]);
	assert_true(readable(loop__stop_fd(source.loop)));
	assert_int_equal(loop__run(source.loop), 0);
	close(fds[1]);
	close_source(&source);
}

TEST(test_files_do_not_hang_up)
{
	struct source source;
	FILE *file = tmpfile();
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	open_source(&source);
	assert_int_equal(loop__stop_on_hangup(source.loop, fileno(file)), 0);
	assert_int_equal(loop__stop_on_hangup(source.loop, null), 0);
	close(null);
	assert_int_equal(loop__stop_on_hangup(source.loop, null), -EBADF);
	fclose(file);
	close_source(&source);
}

static void check_signal(int signal)
{
	struct source source;
	sigset_t before, this;

	sigemptyset(&this);
	sigaddset(&this, signal);
	sigprocmask(SIG_BLOCK, NULL, &before);
	open_source(&source);
	assert_int_equal(loop__stop_on_signals(source.loop), 0);
	assert_int_equal(loop__stop_after(source.loop, AT_MOST_NS), 0);
	assert_false(readable(loop__stop_fd(source.loop)));
	raise(signal);
	assert_true(readable(loop__stop_fd(source.loop)));
	assert_int_equal(loop__run(source.loop), 0);
	/* Take it back before it is delivered. */
	sigwaitinfo(&this, NULL);
	close_source(&source);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

TEST(test_ends_on_signals)
{
	check_signal(SIGINT);
	check_signal(SIGTERM);
}

/* A shell's background jobs start with SIGINT ignored; it ends them all the same. */
TEST(test_ends_on_ignored_signals)
{
	signal(SIGINT, SIG_IGN);
	check_signal(SIGINT);
	signal(SIGINT, SIG_DFL);
}

TEST(test_wrong_descriptors)
{
	struct source source;

	open_source(&source);
	assert_int_equal(loop__stop_on(source.loop, -1), -EBADF);
	assert_int_equal(loop__watch(source.loop, -1, 0, on_data, &source), -EBADF);
	close_source(&source);
	loop__free(NULL);
}

static int count_and_end(void *ctx)
{
	int *left = ctx;

	return --*left ? 0 : -ECANCELED;
}

TEST(test_from_time_to_time)
{
	struct source source;
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);
	int left = 3;

	open_source(&source);
	assert_int_equal(loop__every(source.loop, DELAY_NS, count_and_end, &left), 0);
	assert_int_equal(loop__stop_after(source.loop, AT_MOST_NS), 0);
	assert_int_equal(loop__run(source.loop), -ECANCELED);
	assert_true(clock_ns(CLOCK_MONOTONIC) - begin >= 3 * DELAY_NS);
	close_source(&source);
}

/* Beside data, and whatever the shell has made of the signal. */
TEST(test_whenever_a_signal_comes)
{
	struct source source;
	sigset_t before;
	int left = 2;

	sigprocmask(SIG_BLOCK, NULL, &before);
	signal(SIGUSR1, SIG_IGN);
	open_source(&source);
	assert_int_equal(loop__watch(source.loop, source.read, DELAY_NS, on_data, &source), 0);
	assert_int_equal(loop__on_signal(source.loop, SIGUSR1, count_and_end, &left), 0);
	assert_int_equal(loop__stop_after(source.loop, 5 * DELAY_NS), 0);
	feed(&source);
	raise(SIGUSR1);
	assert_int_equal(loop__run(source.loop), 0);
	assert_int_equal(left, 1);
	assert_int_equal(source.bytes, 1);
	close_source(&source);
	signal(SIGUSR1, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

TEST(test_as_many_as_there_is_room_for)
{
	struct source source;
	int left = 1, count = 0;

	open_source(&source);
	while (!loop__every(source.loop, DELAY_NS, count_and_end, &left))
		count++;
	assert_in_range(count, 4, 64);
	assert_int_equal(loop__watch(source.loop, source.read, 0, on_data, &source), -ENOSPC);
	close_source(&source);
}

RUN(cmocka_unit_test(test_ends_after_a_time), cmocka_unit_test(test_an_error_ends_it),
    cmocka_unit_test(test_without_delay), cmocka_unit_test(test_with_delay),
    cmocka_unit_test(test_in_portions), cmocka_unit_test(test_a_busy_source_does_not_hide_the_end),
    cmocka_unit_test(test_ends_on_a_descriptor), cmocka_unit_test(test_ends_on_hangup),
    cmocka_unit_test(test_files_do_not_hang_up), cmocka_unit_test(test_ends_on_signals),
    cmocka_unit_test(test_ends_on_ignored_signals), cmocka_unit_test(test_wrong_descriptors),
    cmocka_unit_test(test_from_time_to_time), cmocka_unit_test(test_whenever_a_signal_comes),
    cmocka_unit_test(test_as_many_as_there_is_room_for))
