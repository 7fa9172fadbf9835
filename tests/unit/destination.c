// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where logs go: names, rotation, files that exist or are moved away, and pieces that have no room.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "log/destination.h"
#include "log/names.h"

static char folder[] = "/tmp/tcpflux-destination.XXXXXX";
static char file[64];

static struct destination *open_new(const struct destination_options *options)
{
	struct destination *to = destination__new(options);

	assert_non_null(to);
	assert_int_equal(destination__open(to), 0);
	return to;
}

static off_t size_of(const char *suffix)
{
	char name[80];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", file, suffix);
	return stat(name, &st) ? -1 : st.st_size;
}

static void remove_files(void)
{
	static const char *const suffixes[] = { "", "0", "1", "2", "3", "00", "09", "10" };
	char name[80];

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", file, suffixes[i]);
		unlink(name);
	}
}

static void assert_next(struct names *names, const char *current, const char *outdated)
{
	const char *was = names__next(names);

	assert_string_equal(names__current(names), current);
	if (outdated)
		assert_string_equal(was, outdated);
	else
		assert_null(was);
}

TEST(test_names_by_size)
{
	struct names *names = names__new("log", 1, 0, 0);

	assert_string_equal(names__current(names), "log");
	assert_next(names, "log1", NULL);
	assert_next(names, "log2", NULL);
	names__free(names);
}

/* As many digits as the last one has, so that they sort. */
TEST(test_names_in_a_ring)
{
	struct names *names = names__new("log", 1, 0, 11);

	assert_string_equal(names__current(names), "log00");
	for (int i = 1; i < 10; i++)
		names__next(names);
	assert_string_equal(names__current(names), "log09");
	assert_next(names, "log10", NULL);
	assert_next(names, "log00", "log00");
	assert_next(names, "log01", "log01");
	names__free(names);
}

TEST(test_names_by_time)
{
	struct names *names = names__new("log-%%", 0, 1, 2);

	assert_string_equal(names__current(names), "log-%");
	assert_next(names, "log-%1", NULL);
	assert_next(names, "log-%2", "log-%");
	assert_next(names, "log-%3", "log-%1");
	names__free(names);
	/* Without -G it is no pattern. */
	names = names__new("log-%Y", 1, 0, 0);
	assert_string_equal(names__current(names), "log-%Y");
	names__free(names);
	names__free(NULL);
}

static time_t now;

/* In the place of the C library's. */
time_t time(time_t *to)
{
	if (to)
		*to = now;
	return now;
}

/* There are fewer names than files to be kept: none of them may be deleted. */
TEST(test_names_that_come_again)
{
	struct names *names = names__new("log-%S", 0, 1, 90);
	char name[16];

	for (now = 1; now < 200; now++) {
		snprintf(name, sizeof(name), "log-%02d", (int)now % 60);
		assert_next(names, name, NULL);
	}
	names__free(names);
	now = 0;
	names = names__new("log-%S", 0, 1, 60);
	for (now = 1; now < 200; now++) {
		const char *outdated = names__next(names);

		snprintf(name, sizeof(name), "log-%02d", (int)now % 60);
		assert_string_equal(names__current(names), name);
		assert_true(!outdated || !strcmp(outdated, name));
	}
	names__free(names);
	now = 0;
}

TEST(test_what_exists)
{
	struct destination_options options = { .path = file, .stop_fd = -1 };
	struct destination *to = open_new(&options);
	struct stat st;

	assert_int_equal(destination__write(to, "piece", 5), 0);
	destination__free(to);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	to = destination__new(&options);
	assert_int_equal(destination__open(to), -EEXIST);
	destination__free(to);
	assert_int_equal(size_of(""), 5);
	options.force = true;
	to = open_new(&options);
	assert_int_equal(destination__write(to, "abc", 3), 0);
	destination__free(to);
	assert_int_equal(size_of(""), 3);
	/* Nothing is left of nothing. */
	destination__free(open_new(&options));
	assert_int_equal(size_of(""), -1);
	destination__free(NULL);
}

/* A name that leads elsewhere is one that exists. */
TEST(test_link)
{
	struct destination_options options = { .path = file, .stop_fd = -1 };
	struct destination *to = destination__new(&options);

	assert_int_equal(symlink("/nonexistent/log", file), 0);
	assert_true(destination__open(to) < 0);
	destination__free(to);
	remove_files();
}

/* The file behind it is not overwritten either, and the name is not what is deleted. */
TEST(test_link_to_a_file)
{
	struct destination_options options = { .path = file, .stop_fd = -1 };
	struct destination *to;
	char behind[80];

	snprintf(behind, sizeof(behind), "%s1", file);
	options.path = behind;
	to = open_new(&options);
	assert_int_equal(destination__write(to, "12345", 5), 0);
	destination__free(to);
	assert_int_equal(symlink(behind, file), 0);
	options.path = file;
	to = destination__new(&options);
	assert_int_equal(destination__open(to), -EEXIST);
	destination__free(to);
	assert_int_equal(size_of("1"), 5);
	options.force = true;
	to = open_new(&options);
	assert_int_equal(destination__write(to, "abc", 3), 0);
	destination__free(to);
	assert_int_equal(size_of("1"), 3);
	destination__free(open_new(&options));
	assert_int_equal(access(file, F_OK), 0);
	/* It is empty: so it may be by the shell's doing. */
	options.force = false;
	destination__free(open_new(&options));
	assert_int_equal(access(file, F_OK), 0);
	remove_files();
}

TEST(test_rotation)
{
	const struct destination_options options = {
		.path = file,
		.size = 10,
		.keep = 2,
		.stop_fd = -1,
	};
	struct destination *to = open_new(&options);

	for (int i = 0; i < 4; i++) {
		assert_int_equal(destination__is_due(to, 6), i > 0);
		if (i)
			assert_int_equal(destination__next(to), 0);
		assert_int_equal(destination__write(to, "head", 4), 0);
		/* What is too large by itself has a file, too. */
		assert_false(destination__is_due(to, 100));
		assert_int_equal(destination__write(to, "pieces", 5 + i % 2), 0);
		assert_int_equal(destination__size(to), 9 + i % 2);
	}
	assert_int_equal(destination__total(to), 38);
	assert_int_equal(size_of("0"), 9);
	assert_int_equal(size_of("1"), 10);
	destination__free(to);
	remove_files();
}

TEST(test_moved_away)
{
	const struct destination_options options = { .path = file, .stop_fd = -1 };
	struct destination *to = open_new(&options);
	char away[80];

	snprintf(away, sizeof(away), "%s1", file);
	assert_int_equal(destination__write(to, "12345", 5), 0);
	/* It is in its place. */
	assert_int_equal(destination__reopen(to), 0);
	assert_int_equal(destination__write(to, "12345", 5), 0);
	assert_int_equal(rename(file, away), 0);
	assert_int_equal(destination__write(to, "12345", 5), 0);
	assert_int_equal(destination__reopen(to), 0);
	assert_int_equal(destination__size(to), 0);
	assert_int_equal(destination__write(to, "123", 3), 0);
	assert_int_equal(size_of("1"), 15);
	assert_int_equal(size_of(""), 3);
	/* Deleted, it is made again without being asked to. */
	unlink(file);
	assert_int_equal(destination__open(to), 0);
	assert_int_equal(size_of(""), 0);
	/* Emptied, too. */
	assert_int_equal(destination__write(to, "12345", 5), 0);
	assert_int_equal(truncate(file, 0), 0);
	assert_int_equal(destination__open(to), 0);
	assert_int_equal(destination__size(to), 0);
	assert_int_equal(destination__write(to, "123", 3), 0);
	assert_int_equal(size_of(""), 3);
	destination__free(to);
	remove_files();
}

/* A piece is there as a whole or not at all. */
TEST(test_no_room)
{
	const struct destination_options options = { .path = file, .stop_fd = -1 };
	struct rlimit before, limit;
	struct destination *to = open_new(&options);

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 8, before.rlim_max };
	assert_int_equal(destination__write(to, "12345", 5), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(destination__write(to, "67890", 5), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(size_of(""), 5);
	assert_int_equal(destination__write(to, "678", 3), 0);
	assert_int_equal(size_of(""), 8);
	destination__free(to);
	remove_files();
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/log", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_by_size),  cmocka_unit_test(test_names_in_a_ring),
		cmocka_unit_test(test_names_by_time),  cmocka_unit_test(test_names_that_come_again),
		cmocka_unit_test(test_what_exists),    cmocka_unit_test(test_link),
		cmocka_unit_test(test_link_to_a_file), cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_moved_away),     cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
