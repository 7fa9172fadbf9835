// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "rings.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "slot.h"

/*
 * On a machine of many CPUs, one of them may be busy with all connections: no ring is smaller than
 * what it writes in some tens of ms, at its fastest.
 */
#define RING_MIN (1u << 20)

/* So many are taken before the kernel may write there again: it looks, and loses its cache line. */
#define RELEASE 128

/* There is nothing to take, or it isn't finished yet. */
#define NO_TIME UINT64_MAX

struct ring {
	struct ring_ends *ends;
	const struct ring_slot *slots;
	uint64_t at, end; /* positions of what is taken now, see slot.h */
	uint64_t time;	  /* of the record at `at`, or NO_TIME */
	bool busy;	  /* a program is still writing it */
	uint32_t kept;	  /* so many are taken that the kernel does not know of yet */
};

/* A mapped ring of BPF's: the bell, in which nothing is read, see ringbuf_map_mmap_user(). */
struct bell {
	int fd;
	uint64_t *consumer;
	const uint64_t *producer;
};

struct rings {
	uint32_t count;
	uint32_t slots; /* in each */
	size_t page;
	struct ring_ends *ends;
	const struct ring_slot *all_slots;
	uint64_t *awaited;
	struct bell bell;
	int left; /* an eventfd, readable while something was left that no bell tells of */
	struct ring rings[];
};

uint32_t rings__number(uint32_t cpus, uint32_t buffer)
{
	uint32_t number = 1;

	while (number < cpus && buffer / (2 * number) >= RING_MIN)
		number *= 2;
	return number;
}

uint32_t rings__slots(uint32_t number, uint32_t buffer)
{
	return buffer / number / sizeof(struct ring_slot);
}

static size_t whole_pages(const struct rings *rings, size_t size)
{
	return (size + rings->page - 1) & ~(rings->page - 1);
}

static size_t size_of_ends(const struct rings *rings)
{
	return whole_pages(rings, rings->count * sizeof(struct ring_ends));
}

static size_t size_of_slots(const struct rings *rings)
{
	return whole_pages(rings, (size_t)rings->count * rings->slots * sizeof(struct ring_slot));
}

/* NULL: errno tells why. */
static void *map(int fd, size_t size, int protection, size_t offset)
{
	void *shared = mmap(NULL, size, protection, MAP_SHARED, fd, offset);

	return shared == MAP_FAILED ? NULL : shared;
}

static int map_all(struct rings *rings, const struct rings_maps *maps)
{
	rings->ends = map(maps->ends, size_of_ends(rings), PROT_READ | PROT_WRITE, 0);
	if (!rings->ends)
		return -errno;
	rings->all_slots = map(maps->slots, size_of_slots(rings), PROT_READ, 0);
	if (!rings->all_slots)
		return -errno;
	rings->bell.consumer = map(maps->bell, rings->page, PROT_READ | PROT_WRITE, 0);
	if (!rings->bell.consumer)
		return -errno;
	rings->bell.producer = map(maps->bell, rings->page, PROT_READ, rings->page);
	return rings->bell.producer ? 0 : -errno;
}

static int open_all(struct rings *rings, const struct rings_maps *maps)
{
	int err;

	rings->left = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (rings->left < 0)
		return -errno;
	err = map_all(rings, maps);
	if (err)
		return err;
	for (uint32_t i = 0; i < rings->count; i++) {
		struct ring_ends *ends = &rings->ends[i];

		ends->head = ends->taken = RING_LAP;
		rings->rings[i] = (struct ring){
			.ends = ends,
			.slots = rings->all_slots + (size_t)i * rings->slots,
			.at = RING_LAP,
		};
	}
	*rings->awaited = 1;
	return 0;
}

struct rings *rings__new(const struct rings_maps *maps, uint32_t number, uint32_t slots)
{
	struct rings *rings = calloc(1, sizeof(*rings) + number * sizeof(*rings->rings));
	int err;

	if (!rings)
		return NULL;
	rings->count = number;
	rings->slots = slots;
	rings->page = sysconf(_SC_PAGESIZE);
	rings->awaited = maps->awaited;
	rings->bell.fd = maps->bell;
	err = open_all(rings, maps);
	if (!err)
		return rings;
	rings__free(rings);
	errno = -err;
	return NULL;
}

static void unmap(const void *shared, size_t size)
{
	if (shared)
		munmap((void *)shared, size);
}

void rings__free(struct rings *rings)
{
	if (!rings)
		return;
	unmap(rings->ends, size_of_ends(rings));
	unmap(rings->all_slots, size_of_slots(rings));
	unmap(rings->bell.consumer, rings->page);
	unmap(rings->bell.producer, rings->page);
	if (rings->left >= 0)
		close(rings->left);
	free(rings);
}

int rings__watch(const struct rings *rings, int epoll)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, rings->bell.fd, &event) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, rings->left, &event))
		return -errno;
	return 0;
}

/* Looks at the next record. */
static void look(struct ring *ring)
{
	const struct ring_slot *slot = &ring->slots[(uint32_t)ring->at];

	ring->time = NO_TIME;
	ring->busy = false;
	if (ring->at == ring->end)
		return;
	if (__atomic_load_n(&slot->turn, __ATOMIC_ACQUIRE) == ring->at)
		ring->time = slot->time;
	else
		ring->busy = true;
}

static void release(struct ring *ring)
{
	if (ring->kept)
		__atomic_store_n(&ring->ends->taken, ring->at, __ATOMIC_RELEASE);
	ring->kept = 0;
}

static size_t size_of(const struct ring_slot *slot)
{
	return slot->type == EVENT_STANDIN ? sizeof(slot->standin) : sizeof(slot->transition);
}

static uint64_t position_behind(const struct rings *rings, uint64_t at)
{
	return (uint32_t)++at == rings->slots ? at + RING_LAP - rings->slots : at;
}

static int take_one(const struct rings *rings, struct ring *ring, ring_record_fn *take, void *ctx)
{
	const struct ring_slot *slot = &ring->slots[(uint32_t)ring->at];
	int err = take(ctx, &slot->transition, size_of(slot));

	ring->at = position_behind(rings, ring->at);
	if (++ring->kept == RELEASE)
		release(ring);
	look(ring);
	return err;
}

/* The one with the earliest record. */
static struct ring *choose(struct rings *rings)
{
	struct ring *earliest = rings->rings;

	for (uint32_t i = 1; i < rings->count; i++)
		if (rings->rings[i].time < earliest->time)
			earliest = &rings->rings[i];
	return earliest;
}

/* From here on the bell rings when a record is complete that the caller does not find. */
static void listen_for_more(struct rings *rings)
{
	uint64_t number;

	__atomic_store_n(rings->bell.consumer,
			 __atomic_load_n(rings->bell.producer, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
	(void)!read(rings->left, &number, sizeof(number));
	__atomic_store_n(rings->awaited, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Is one behind which there might be an earlier record than the others have? */
static bool begin(struct rings *rings)
{
	bool busy = false;

	for (uint32_t i = 0; i < rings->count; i++) {
		struct ring *ring = &rings->rings[i];

		ring->end = __atomic_load_n(&ring->ends->head, __ATOMIC_ACQUIRE);
		look(ring);
		busy |= ring->busy;
	}
	return busy;
}

/* Keeps the descriptor readable if records were found and not taken. */
static void end(struct rings *rings)
{
	bool left = false;

	for (uint32_t i = 0; i < rings->count; i++) {
		release(&rings->rings[i]);
		left |= rings->rings[i].at != rings->rings[i].end;
	}
	if (left)
		(void)!write(rings->left, &(uint64_t){ 1 }, sizeof(uint64_t));
}

int rings__take(struct rings *rings, uint64_t until, ring_record_fn *take, void *ctx, bool *all)
{
	bool busy;
	int err = 0;

	listen_for_more(rings);
	/* When a record that isn't finished was begun is not known: the others wait for it. */
	busy = begin(rings);
	while (!busy && !err) {
		struct ring *ring = choose(rings);

		if (ring->time == NO_TIME || ring->time > until)
			break;
		err = take_one(rings, ring, take, ctx);
		busy = ring->busy;
	}
	*all = !busy && !err;
	end(rings);
	return err;
}
