// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Several logs at once: captures that are merged, files of one capture, and what is between them.
 */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "log/log.h"
#include "sources/logfile.h"

#define S    1000000000ull
#define BOOT (1772366300 * S)

static char folder[] = "/tmp/tcpflux-logfile.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[4][64];
	static unsigned int next;
	char *place = path[next++ % 4];

	snprintf(place, sizeof(path[0]), "%s/%s", folder, name);
	return place;
}

static struct log *begin_on(const char *boot_id, const char *name, uint64_t size)
{
	const struct destination_options options = {
		.path = in_folder(name),
		.size = size,
		.force = true,
		.stop_fd = -1,
	};
	static const struct probe probes[] = { { "transition", "on", "", false }, {} };
	const struct log_head head = {
		.version = "1.2.3",
		.hostname = name,
		.kernel = "6.12.0",
		.boot_id = boot_id,
		.time = BOOT + 100 * S,
		.started = 100 * S,
		.probes = probes,
	};
	struct log *log;

	assert_int_equal(log__open(&options, &log), 0);
	assert_int_equal(log__begin(log, &head), 0);
	log__boot_time(log, BOOT);
	return log;
}

static struct log *begin(const char *name, uint64_t size)
{
	return begin_on("b", name, size);
}

static void end(struct log *log)
{
	log__flush(log);
	log__free(log);
}

static void add(struct log *log, uint64_t time, uint64_t cookie)
{
	const struct event_transition event = {
		.type = EVENT_TRANSITION,
		.old_state = 7,
		.new_state = 2,
		.netns = 1,
		.time = time,
		.cookie = cookie,
	};

	log__transition(log, &event, NULL);
}

/* What comes out, as cookies and, negative, losses. */
struct got {
	int64_t what[64];
	uint64_t time[64];
	struct origin origin[64];
	size_t count;
	int stop_at; /* a handler that has enough */
};

static int on_transition(void *ctx, struct transition *tr)
{
	struct got *got = ctx;

	got->time[got->count] = tr->time;
	got->origin[got->count] = tr->origin;
	got->what[got->count++] = (int64_t)tr->cookie;
	return got->stop_at && got->count == (size_t)got->stop_at ? -ECANCELED : 0;
}

static void on_loss(void *ctx, const struct loss *loss)
{
	struct got *got = ctx;

	got->time[got->count] = loss->time;
	got->what[got->count++] = -(int64_t)loss->count;
}

static int read_all(struct got *got, const char *a, const char *b, const char *c)
{
	const struct transition_handler handler = { on_transition, on_loss, got };
	const struct logfile_options options = {};
	char *paths[] = { (char *)a, (char *)b, (char *)c };
	struct logfile *logfile;
	int err = logfile__open(paths, !!a + !!b + !!c, &options, &logfile);

	if (err)
		return err;
	err = logfile__read(logfile, &handler);
	logfile__free(logfile);
	return err;
}

#define assert_got(got, ...)                                                                       \
	do {                                                                                       \
		const int64_t expected_[] = { __VA_ARGS__ };                                       \
		assert_int_equal((got)->count, COUNT(expected_));                                  \
		assert_memory_equal((got)->what, expected_, sizeof(expected_));                    \
	} while (0)

TEST(test_merged_by_time)
{
	struct log *a = begin("a", 0), *b = begin("b", 0);
	struct got got = {};

	add(a, 101 * S, 1);
	add(b, 102 * S, 2);
	add(a, 103 * S, 3);
	log__flush(a);
	add(a, 104 * S, 4);
	add(b, 105 * S, 5);
	add(a, 106 * S, 6);
	end(a);
	end(b);
	assert_int_equal(read_all(&got, in_folder("a"), in_folder("b"), NULL), 0);
	assert_got(&got, 1, 2, 3, 4, 5, 6);
	got = (struct got){ .stop_at = 3 };
	assert_int_equal(read_all(&got, in_folder("b"), in_folder("a"), NULL), -ECANCELED);
	assert_got(&got, 1, 2, 3);
}

/* Files of a capture are one, captures of a boot are told apart, and so are boots. */
TEST(test_origins)
{
	struct log *a = begin("a", 0), *b = begin_on("other", "b", 0), *c = begin("c", 1);
	static const struct origin expected[] = { { 0, 0 }, { 1, 1 }, { 0, 2 } };
	struct got got = {};

	add(a, 101 * S, 1);
	add(b, 102 * S, 2);
	add(c, 103 * S, 3);
	log__flush(c);
	add(c, 104 * S, 4);
	end(a);
	end(b);
	end(c);
	assert_int_equal(read_all(&got, in_folder("a"), in_folder("b"), in_folder("c")), 0);
	assert_got(&got, 1, 2, 3);
	assert_memory_equal(got.origin, expected, sizeof(expected));
	assert_int_equal(read_all(&got, in_folder("c1"), in_folder("c"), NULL), 0);
	assert_int_equal(got.origin[got.count - 1].capture, got.origin[got.count - 2].capture);
}

/* Rows stay in their order, and have the time that the clock had. */
TEST(test_clock_step)
{
	struct log *log = begin("a", 0);
	struct got got = {};

	add(log, 101 * S, 1);
	log__boot_time(log, BOOT - 3600 * S);
	add(log, 102 * S, 2);
	log__flush(log);
	log__boot_time(log, BOOT + 3600 * S);
	add(log, 103 * S, 3);
	end(log);
	assert_int_equal(read_all(&got, in_folder("a"), NULL, NULL), 0);
	assert_got(&got, 1, 2, 3);
	assert_int_equal(got.time[0], BOOT + 101 * S);
	assert_int_equal(got.time[1], BOOT + 102 * S - 3600 * S);
	assert_int_equal(got.time[2], BOOT + 103 * S + 3600 * S);
}

/* Each block is a file of its own. */
static void write_three(void)
{
	struct log *log = begin("c", 1);

	for (int i = 0; i < 3; i++) {
		add(log, (101 + 2 * i) * S, 2 * i + 1);
		log__lost(log, LOSS_PROBE, (i + 1) * 10, (101 + 2 * i) * S);
		add(log, (102 + 2 * i) * S, 2 * i + 2);
		log__flush(log);
	}
	end(log);
}

TEST(test_files_of_a_capture)
{
	struct got got = {};

	write_three();
	assert_int_equal(read_all(&got, in_folder("c2"), in_folder("c"), in_folder("c1")), 0);
	assert_got(&got, 1, -10, 2, 3, -10, 4, 5, -10, 6);
}

/* What one has been told to leave out in front is no loss; what lacks between is. */
TEST(test_files_that_lack)
{
	struct got got = {};

	write_three();
	assert_int_equal(read_all(&got, in_folder("c1"), in_folder("c2"), NULL), 0);
	assert_got(&got, 3, -10, 4, 5, -10, 6);
	got = (struct got){};
	assert_int_equal(read_all(&got, in_folder("c"), in_folder("c2"), NULL), 0);
	assert_got(&got, 1, -10, 2, -10, -2, 5, -10, 6);
}

/* The ring's losses are in the records. */
TEST(test_ring_losses)
{
	struct event_transition event = { .type = EVENT_TRANSITION, .time = 101 * S, .cookie = 1 };
	struct log *log = begin("a", 0);
	struct got got = {};

	log__transition(log, &event, NULL);
	event.lost = 5;
	event.cookie = 2;
	log__transition(log, &event, NULL);
	log__flush(log);
	/* Another CPU had not heard of it yet. */
	event.lost = 4;
	event.cookie = 3;
	log__transition(log, &event, NULL);
	event.lost = 6;
	event.cookie = 4;
	log__transition(log, &event, NULL);
	end(log);
	assert_int_equal(read_all(&got, in_folder("a"), NULL, NULL), 0);
	assert_got(&got, 1, -5, 2, 3, -1, 4);
}

TEST(test_refused)
{
	struct captured captured;
	struct got got = {};
	char said[256];

	end(begin("a", 0));
	unit__capture_stderr(&captured);
	assert_int_equal(read_all(&got, in_folder("a"), in_folder("a"), NULL), -EEXIST);
	snprintf(said, sizeof(said), "tcpflux: %s: given twice\n", in_folder("a"));
	assert_string_equal(unit__captured(&captured), said);
	assert_int_equal(read_all(&got, NULL, NULL, NULL), -EINVAL);
}

TEST(test_head)
{
	const struct logfile_options options = {};
	const struct logfile_head *head;
	struct log *log = begin("a", 0);
	char *paths[] = { (char *)in_folder("a") };
	struct got got = {};
	const struct transition_handler handler = { on_transition, on_loss, &got };
	struct logfile *logfile;

	add(log, 101 * S, 1);
	log__settle(log, 105 * S, true);
	end(log);
	assert_int_equal(logfile__open(paths, 1, &options, &logfile), 0);
	head = logfile__head(logfile);
	assert_string_equal(head->version, "1.2.3");
	assert_string_equal(head->hostname, "a");
	assert_string_equal(head->kernel, "6.12.0");
	assert_int_equal(head->time, BOOT + 100 * S);
	assert_string_equal(head->probes[0].name, "transition");
	assert_string_equal(head->probes[0].status, "on");
	assert_null(head->probes[1].name);
	assert_int_equal(logfile__read(logfile, &handler), 0);
	assert_int_equal(logfile__span(logfile), 5 * S);
	logfile__free(logfile);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "a", "b", "c", "c1", "c2" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(in_folder(names[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merged_by_time),	cmocka_unit_test(test_origins),
		cmocka_unit_test(test_clock_step),	cmocka_unit_test(test_files_of_a_capture),
		cmocka_unit_test(test_files_that_lack), cmocka_unit_test(test_ring_losses),
		cmocka_unit_test(test_refused),		cmocka_unit_test(test_head),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
