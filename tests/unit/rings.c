// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Into how many rings a buffer is divided, and how they are read; the kernel's part is played. */
#include "unit.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "slot.h"
#include "sources/rings.h"

#define RINGS 2
#define SLOTS 3

TEST(test_one_for_each_cpu)
{
	assert_int_equal(rings__number(1, 16 << 20), 1);
	assert_int_equal(rings__number(2, 16 << 20), 2);
	assert_int_equal(rings__number(3, 16 << 20), 4);
	assert_int_equal(rings__number(16, 16 << 20), 16);
}

TEST(test_none_too_small)
{
	assert_int_equal(rings__number(17, 16 << 20), 16);
	assert_int_equal(rings__number(4096, 16 << 20), 16);
	assert_int_equal(rings__number(4096, 1u << 31), 2048);
	assert_int_equal(rings__number(64, 2 << 20), 2);
	assert_int_equal(rings__number(64, 1 << 20), 1);
	assert_int_equal(rings__number(64, 4096), 1);
}

TEST(test_as_many_slots_as_fit)
{
	assert_int_equal(rings__slots(1, 4096), 26);
	assert_int_equal(rings__slots(2, 16 << 20), 55188);
}

/* The kernel's side of it. */
struct kernel {
	struct ring_ends *ends;
	struct ring_slot *slots;
	uint64_t *bell;	       /* how far it has rung */
	const uint64_t *heard; /* how far that was heard */
	uint64_t awaited;
	struct rings *rings;
	uint64_t taken[16]; /* times of the records that came out */
	int count, most;
};

/* Memory that both sides map. */
static void *share(size_t size, int *fd)
{
	void *memory;

	*fd = memfd_create("map", MFD_CLOEXEC);
	assert_true(*fd >= 0);
	assert_int_equal(ftruncate(*fd, size), 0);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	return memory;
}

static struct kernel *boot(void)
{
	static struct kernel kernel;
	struct rings_maps maps;
	long page = sysconf(_SC_PAGESIZE);

	kernel = (struct kernel){ .most = 16 };
	kernel.ends = share(page, &maps.ends);
	kernel.slots = share(page, &maps.slots);
	kernel.heard = share(2 * page, &maps.bell);
	kernel.bell = (uint64_t *)((char *)kernel.heard + page);
	maps.awaited = &kernel.awaited;
	kernel.rings = rings__new(&maps, RINGS, SLOTS);
	assert_non_null(kernel.rings);
	close(maps.ends);
	close(maps.slots);
	close(maps.bell);
	return &kernel;
}

static void halt(struct kernel *kernel)
{
	long page = sysconf(_SC_PAGESIZE);

	rings__free(kernel->rings);
	munmap(kernel->ends, page);
	munmap(kernel->slots, page);
	munmap((void *)kernel->heard, 2 * page);
}

/* As ring__claim() does. NULL: the ring is full. */
static struct ring_slot *claim(const struct kernel *kernel, uint32_t ring, uint64_t *turn)
{
	struct ring_ends *ends = &kernel->ends[ring];

	*turn = ends->head;
	if (*turn - ends->taken >= RING_LAP)
		return NULL;
	ends->head = (uint32_t)(*turn + 1) == SLOTS ? *turn + 1 + RING_LAP - SLOTS : *turn + 1;
	return &kernel->slots[ring * SLOTS + (uint32_t)*turn];
}

static bool write_record(const struct kernel *kernel, uint32_t ring, uint64_t time)
{
	uint64_t turn;
	struct ring_slot *slot = claim(kernel, ring, &turn);

	if (!slot)
		return false;
	slot->type = EVENT_TRANSITION;
	slot->time = time;
	slot->turn = turn;
	return true;
}

static int keep_time(void *ctx, const void *record, size_t size)
{
	const struct event_transition *e = record;
	struct kernel *kernel = ctx;

	assert_int_equal(size,
			 e->type == EVENT_STANDIN ? sizeof(struct event_standin) : sizeof(*e));
	kernel->taken[kernel->count++] = e->time;
	return kernel->count == kernel->most;
}

/* Returns how many came. */
static int take(struct kernel *kernel, uint64_t until, bool expect_all)
{
	bool all;

	kernel->count = 0;
	rings__take(kernel->rings, until, keep_time, kernel, &all);
	assert_int_equal(all, expect_all);
	return kernel->count;
}

TEST(test_in_the_order_of_time)
{
	struct kernel *kernel = boot();

	write_record(kernel, 0, 10);
	write_record(kernel, 0, 40);
	write_record(kernel, 1, 20);
	write_record(kernel, 1, 30);
	assert_int_equal(take(kernel, 100, true), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(kernel->taken[i], 10 * (i + 1));
	assert_int_equal(take(kernel, 100, true), 0);
	halt(kernel);
}

TEST(test_round_and_round)
{
	struct kernel *kernel = boot();

	for (uint64_t time = 1; time < 100; time += 2) {
		write_record(kernel, 1, time);
		write_record(kernel, 1, time + 1);
		assert_int_equal(take(kernel, 100, true), 2);
		assert_int_equal(kernel->taken[0], time);
		assert_int_equal(kernel->taken[1], time + 1);
	}
	halt(kernel);
}

TEST(test_a_full_ring_has_room_again)
{
	struct kernel *kernel = boot();

	for (int lap = 0; lap < 3; lap++) {
		for (int i = 0; i < SLOTS; i++)
			assert_true(write_record(kernel, 0, i));
		assert_false(write_record(kernel, 0, SLOTS));
		assert_int_equal(take(kernel, 100, true), SLOTS);
	}
	halt(kernel);
}

/* Nor are those behind it taken, or in the other ring: when it was begun is not known. */
TEST(test_one_that_is_being_written_is_waited_for)
{
	struct kernel *kernel = boot();
	struct ring_slot *slot = kernel->slots;
	uint64_t turn;

	assert_ptr_equal(claim(kernel, 0, &turn), slot);
	write_record(kernel, 0, 20);
	write_record(kernel, 1, 30);
	assert_int_equal(take(kernel, 100, false), 0);
	slot->type = EVENT_STANDIN;
	slot->time = 10;
	slot->turn = turn;
	assert_int_equal(take(kernel, 100, true), 3);
	assert_int_equal(kernel->taken[0], 10);
	halt(kernel);
}

/* One in each ring. */
static struct kernel *boot_with_two(void)
{
	struct kernel *kernel = boot();

	write_record(kernel, 0, 10);
	write_record(kernel, 1, 20);
	return kernel;
}

TEST(test_later_ones_stay)
{
	struct kernel *kernel = boot_with_two();

	assert_int_equal(take(kernel, 15, true), 1);
	assert_int_equal(take(kernel, 100, true), 1);
	assert_int_equal(kernel->taken[0], 20);
	halt(kernel);
}

TEST(test_goes_on_where_it_was_ended)
{
	struct kernel *kernel = boot_with_two();

	kernel->most = 1;
	assert_int_equal(take(kernel, 100, false), 1);
	assert_int_equal(take(kernel, 100, false), 1);
	assert_int_equal(kernel->taken[0], 20);
	assert_int_equal(take(kernel, 100, true), 0);
	halt(kernel);
}

/* Whoever writes the next record finds that, rings, and need not be rung for again. */
TEST(test_waits_for_the_bell)
{
	struct kernel *kernel = boot();

	assert_int_equal(kernel->awaited, 1);
	kernel->awaited = 0;
	*kernel->bell = 16;
	take(kernel, 100, true);
	assert_int_equal(kernel->awaited, 1);
	assert_int_equal(*kernel->heard, 16);
	halt(kernel);
}

RUN(cmocka_unit_test(test_one_for_each_cpu), cmocka_unit_test(test_none_too_small),
    cmocka_unit_test(test_as_many_slots_as_fit), cmocka_unit_test(test_in_the_order_of_time),
    cmocka_unit_test(test_round_and_round), cmocka_unit_test(test_a_full_ring_has_room_again),
    cmocka_unit_test(test_one_that_is_being_written_is_waited_for),
    cmocka_unit_test(test_later_ones_stay), cmocka_unit_test(test_goes_on_where_it_was_ended),
    cmocka_unit_test(test_waits_for_the_bell))
