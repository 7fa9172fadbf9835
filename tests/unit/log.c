// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is logged is read again: any values, in files that end anywhere and are damaged anywhere. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "log/decoder.h"
#include "log/encoder.h"
#include "log/format.h"
#include "log/log.h"
#include "sources/logfile.h"

#define S 1000000000ull

/* Records of which most look like those of connections, and some like nothing on earth. */
static void make_transition(struct event_transition *event, uint64_t *seed)
{
	uint64_t r = unit__random(seed), socket = r % 200;
	uint64_t *words = (uint64_t *)event;

	if (r >> 60 == 0) {
		for (size_t i = 0; i < sizeof(*event) / sizeof(*words); i++)
			words[i] = unit__random(seed);
		event->type = EVENT_TRANSITION;
		return;
	}
	*event = (struct event_transition){
		.type = EVENT_TRANSITION,
		.old_state = 1 + (r >> 8) % 11,
		.new_state = 1 + (r >> 12) % 11,
		.owner_how = (r >> 16) % 5,
		.netns = 4026531840,
		.lport = 80,
		.rport = 1024 + socket,
		.time = 1000 * S + (r >> 20) % S,
		.cookie = 5000 + socket,
		.laddr = { [10] = 0xff, 0xff, 127, 0, 0, 1 },
		.raddr = { [10] = 0xff, 0xff, 127, 0, 0, socket % 7 },
	};
	event->since = event->time - socket;
	if (event->owner_how)
		event->owner = (struct event_owner){ socket % 3, socket % 5, 0, "nginx" };
	if (event->new_state == 7)
		event->bytes_sent = r >> 40;
}

static void make_standin(struct event_standin *event, uint64_t *seed)
{
	struct event_transition transition;
	uint64_t r = unit__random(seed);

	make_transition(&transition, seed);
	*event = (struct event_standin){
		.type = EVENT_STANDIN,
		.phase = r,
		.state = r >> 8,
		.owner_how = transition.owner_how,
		.flags = r >> 16,
		.retransmits = r >> 24,
		.reserved = r >> 60 ? 0 : r >> 32,
		.netns = transition.netns,
		.lport = transition.lport,
		.rport = transition.rport,
		.time = transition.time,
		.cookie = transition.cookie,
		.lost = transition.lost,
		.owner = transition.owner,
	};
	memcpy(event->laddr, transition.laddr, sizeof(event->laddr));
	memcpy(event->raddr, transition.raddr, sizeof(event->raddr));
}

union any {
	struct event_transition transition;
	struct event_standin standin;
};

/* Where the path of an owner is known depends on the record alone. */
static const char *path_of(const union any *record, uint64_t number)
{
	static const char *const paths[] = { NULL, "/", "/system.slice/nginx.service", "" };

	(void)record;
	return paths[number % COUNT(paths)];
}

static void make(union any *record, uint64_t number)
{
	uint64_t seed = (number + 1) * 0x9e3779b97f4a7c15ull;

	if (number % 3)
		make_transition(&record->transition, &seed);
	else
		make_standin(&record->standin, &seed);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void assert_block(struct decoder *decoder, const uint8_t *columns, size_t size,
			 uint64_t first, uint32_t items)
{
	struct item item = {};
	union any expected;

	assert_int_equal(decoder__begin(decoder, columns, size, items, 17), 0);
	for (uint64_t i = first; i < first + items; i++) {
		assert_int_equal(decoder__next(decoder, &item), 1);
		if (i % 1000 == 999) {
			assert_int_equal(item.type, LOG_LOST);
			assert_int_equal(item.where, i % 3);
			assert_int_equal(item.time, i);
			assert_int_equal(item.value, i * i);
			continue;
		}
		make(&expected, i);
		assert_memory_equal(item.record, &expected, item.size);
		assert_int_equal(item.size,
				 i % 3 ? sizeof(expected.transition) : sizeof(expected.standin));
		assert_true(is_same(item.path, path_of(&expected, i)));
	}
	assert_int_equal(decoder__next(decoder, &item), 0);
}

TEST(test_any_values)
{
	struct encoder *encoder = encoder__new();
	struct decoder *decoder = decoder__new();
	uint8_t *columns = malloc(BLOCK_UNPACKED_MAX);
	uint64_t number = 0;

	for (int block = 0; block < 4; block++) {
		uint64_t first = number;
		union any record;

		encoder__begin(encoder, 17);
		for (; !encoder__is_full(encoder) && number < first + 20000; number++) {
			make(&record, number);
			if (number % 1000 == 999)
				encoder__note(encoder, LOG_LOST, number % 3, number,
					      number * number);
			else if (number % 3)
				encoder__transition(encoder, &record.transition,
						    path_of(&record, number));
			else
				encoder__standin(encoder, &record.standin,
						 path_of(&record, number));
		}
		assert_int_equal(encoder__encoded(encoder)->items, number - first);
		assert_block(decoder, columns, encoder__finish(encoder, columns), first,
			     number - first);
	}
	free(columns);
	decoder__free(decoder);
	encoder__free(encoder);
}

/* Every owner has a path as long as there can be one: the block is full before its memory is. */
TEST(test_longest_paths)
{
	struct event_transition event = { .type = EVENT_TRANSITION, .owner_how = OWNER_SELF };
	struct encoder *encoder = encoder__new();
	struct decoder *decoder = decoder__new();
	uint8_t *columns = malloc(BLOCK_UNPACKED_MAX);
	char path[LOG_PATH_MAX + 1];
	struct item item = {};
	uint32_t items = 0;
	size_t size;

	memset(path, 'x', LOG_PATH_MAX);
	path[LOG_PATH_MAX] = '\0';
	encoder__begin(encoder, 0);
	for (; !encoder__is_full(encoder); items++) {
		event.owner.pid = items;
		encoder__transition(encoder, &event, path);
	}
	assert_in_range(items, 200, 300);
	size = encoder__finish(encoder, columns);
	assert_int_equal(decoder__begin(decoder, columns, size, items, 0), 0);
	for (uint32_t i = 0; i < items; i++) {
		assert_int_equal(decoder__next(decoder, &item), 1);
		assert_string_equal(item.path, path);
	}
	free(columns);
	decoder__free(decoder);
	encoder__free(encoder);
}

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
	struct got got;

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
	struct got got;
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
	struct got got;

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
	struct got got;

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
		cmocka_unit_test(test_any_values),
		cmocka_unit_test(test_longest_paths),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut_at_every_offset),
		cmocka_unit_test(test_changed_at_every_offset),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
