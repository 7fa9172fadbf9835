// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is logged is read again, from files that end anywhere and are damaged anywhere. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "log/decoder.h"
#include "log/encoder.h"
#include "log/log.h"
#include "sources/logfile.h"

#define S 1000000000ull

/* A small log: three blocks, of which each has something of everything. */

#define BLOCKS	  3
#define PER_BLOCK 8

static char path[] = "/tmp/tcpflux-log.XXXXXX";

static void write_log(const char *name)
{
	const struct destination_options options = { .path = name, .force = true, .stop_fd = -1 };
	const struct probe probes[] = { { "transition", "on", "", false }, {} };
	const struct log_head head = {
		.version = "1.2.3",
		.hostname = "host",
		.kernel = "6.12.0",
		.boot_id = "b",
		.time = 1772366400 * S,
		.boot_time = 1772366300 * S,
		.started = 100 * S,
		.probes = probes,
	};
	struct log *log;

	assert_int_equal(log__open(&options, &log), 0);
	assert_int_equal(log__begin(log, &head), 0);
	log__boot_time(log, head.boot_time);
	for (int i = 0; i < BLOCKS * PER_BLOCK; i++) {
		struct event_transition event = {
			.type = EVENT_TRANSITION,
			.old_state = 7,
			.new_state = 2,
			.owner_how = OWNER_SELF,
			.netns = 1,
			.rport = 80,
			.time = (101 + i) * S,
			.born = (101 + i) * S,
			.cookie = 1 + i,
			.owner = { 1, 10, 0, "curl" },
		};

		log__transition(log, &event, "/");
		if (i % PER_BLOCK == PER_BLOCK - 1)
			assert_int_equal(log__flush(log), 0);
	}
	log__settle(log, 200 * S, true);
	assert_int_equal(log__flush(log), 0);
	assert_false(log__has_failed(log));
	log__free(log);
}

struct got {
	uint64_t transitions, lost, last_cookie;
	bool wrong;
	bool said; /* something about the file */
};

/* Each row is one of those that were written, and comes once. */
static int on_transition(void *ctx, struct transition *tr)
{
	struct got *got = ctx;

	got->wrong |= tr->cookie <= got->last_cookie || tr->cookie > BLOCKS * PER_BLOCK ||
		      tr->time != 1772366300 * S + (100 + tr->cookie) * S || tr->rport != 80 ||
		      tr->old_state != 7 || tr->new_state != 2 || tr->owner.pid != 10 ||
		      strcmp(tr->owner.comm, "curl") || strcmp(tr->owner.cgroup, "/");
	got->last_cookie = tr->cookie;
	got->transitions++;
	return 0;
}

static void on_loss(void *ctx, const struct loss *loss)
{
	struct got *got = ctx;

	got->wrong |= loss->where != LOSS_LOG;
	got->lost += loss->count;
}

/* What a file with these bytes gives; the result of logfile__open(). */
static int read_bytes(const uint8_t *bytes, size_t size, struct got *got)
{
	const struct logfile_options options = {};
	const struct transition_handler handler = { on_transition, on_loss, got };
	char *paths[] = { path };
	struct logfile *logfile;
	FILE *file = fopen(path, "we");
	struct captured captured;
	int err;

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
	*got = (struct got){};
	unit__capture_stderr(&captured);
	err = logfile__open(paths, 1, &options, &logfile);
	if (!err) {
		err = logfile__read(logfile, &handler);
		logfile__free(logfile);
	}
	got->said = !strncmp(unit__captured(&captured), "tcpflux: /tmp/", 14);
	got->wrong |= err && !got->said;
	return err;
}

static size_t read_file(uint8_t *bytes, size_t most)
{
	FILE *file = fopen(path, "re");
	size_t size;

	assert_non_null(file);
	size = fread(bytes, 1, most, file);
	fclose(file);
	return size;
}

static uint8_t whole[4096];

static size_t whole_log(void)
{
	size_t size;

	write_log(path);
	size = read_file(whole, sizeof(whole));
	assert_in_range(size, 400, sizeof(whole) - 1);
	return size;
}

TEST(test_whole)
{
	size_t size = whole_log();
	struct stat st;
	struct got got = {};

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(read_bytes(whole, size, &got), 0);
	assert_false(got.wrong);
	assert_int_equal(got.transitions, BLOCKS * PER_BLOCK);
	assert_int_equal(got.lost, 0);
}

/* Blocks that are there are read; of a torn end nothing is known, but that it is one. */
TEST(test_cut_at_every_offset)
{
	size_t size = whole_log(), boundaries = 0;
	uint64_t most = 0;
	struct got got = {};
	int last = -1;

	for (size_t at = 0; at <= size; at++) {
		int err = read_bytes(whole, at, &got);
		bool boundary = at == size || got.transitions > most || (last && !err);

		if (got.wrong || got.transitions % PER_BLOCK || got.transitions < most ||
		    got.lost || got.said == boundary || (err && !last))
			fail_msg("cut at %zu", at);
		most = got.transitions;
		last = err;
		boundaries += boundary;
	}
	assert_int_equal(most, BLOCKS * PER_BLOCK);
	assert_int_equal(boundaries, 1 + BLOCKS + 1);
}

/* One block at most is lost, and it is said how much that is. */
TEST(test_changed_at_every_offset)
{
	size_t size = whole_log(), heads = 0, blocks = 0;
	struct got got = {};

	for (size_t at = 0; at < size; at++) {
		for (int how = 0; how < 2; how++) {
			uint8_t before = whole[at];
			int err;

			whole[at] ^= how ? 0xff : 1 << at % 8;
			err = read_bytes(whole, size, &got);
			whole[at] = before;
			if (got.wrong || (err && got.transitions))
				fail_msg("changed at %zu", at);
			heads += err != 0;
			blocks += !err && got.lost;
			if (!err && got.transitions + got.lost != BLOCKS * PER_BLOCK)
				fail_msg("changed at %zu: %u rows, %u lost", at,
					 (unsigned int)got.transitions, (unsigned int)got.lost);
		}
	}
	/* Each byte is checked. */
	assert_true(heads > 100 && blocks > 500);
}

TEST(test_nothing)
{
	struct got got = {};

	decoder__free(NULL);
	encoder__free(NULL);
	log__free(NULL);
	logfile__free(NULL);
	assert_int_equal(read_bytes(whole, 0, &got), -EBADMSG);
	assert_int_equal(read_bytes((const uint8_t *)"a text, and none that is short", 30, &got),
			 -EBADMSG);
	assert_false(got.wrong);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut_at_every_offset),
		cmocka_unit_test(test_changed_at_every_offset),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
