// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Blocks give back what was put into them, whatever that is. */
#include "unit.h"

#include <stdlib.h>

#include "log/decoder.h"
#include "log/encoder.h"
#include "log/format.h"

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

RUN(cmocka_unit_test(test_any_values), cmocka_unit_test(test_longest_paths))
