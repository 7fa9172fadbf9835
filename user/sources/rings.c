// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "rings.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event.h"

/*
 * On a machine of many CPUs, one of them may be busy with all connections: no ring is smaller than
 * what it writes in some tens of ms, at its fastest.
 */
#define RING_MIN (1u << 20)

/* So much is taken before the kernel may write there again: it looks, and loses its cache line. */
#define RELEASE (16u << 10)

/* There is nothing to take, or it isn't finished yet. */
#define NO_TIME UINT64_MAX

struct ring {
	int fd;
	uint64_t *consumer;	  /* how far the user side has read, as the kernel sees it */
	const uint64_t *producer; /* how far the kernel has written */
	const char *data;
	uint64_t at, end; /* what is taken now; positions only ever grow */
	uint64_t time;	  /* of the record at `at`, or NO_TIME */
	bool busy;	  /* a program is still writing it */
};

struct rings {
	uint32_t count;
	uint32_t size; /* bytes of each */
	size_t page;
	struct ring rings[];
};

/* What the kernel has in front of each record (struct bpf_ringbuf_hdr in kernel/bpf/ringbuf.c). */
struct header {
	uint32_t len;
	uint32_t page;
};

uint32_t rings__number(uint32_t cpus, uint32_t buffer)
{
	uint32_t number = 1;

	while (number < cpus && buffer / (2 * number) >= RING_MIN)
		number *= 2;
	return number;
}

/* The data is mapped twice, one behind the other, so that none is in two pieces. */
static size_t size_of_data(const struct rings *rings)
{
	return rings->page + 2 * (size_t)rings->size;
}

/* Maps it as ringbuf_map_mmap_user() has it. */
static int map_ring(const struct rings *rings, struct ring *ring)
{
	void *shared;

	shared = mmap(NULL, rings->page, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (shared == MAP_FAILED)
		return -errno;
	ring->consumer = shared;
	shared = mmap(NULL, size_of_data(rings), PROT_READ, MAP_SHARED, ring->fd, rings->page);
	if (shared == MAP_FAILED)
		return -errno;
	ring->producer = shared;
	ring->data = (const char *)shared + rings->page;
	return 0;
}

static int make_ring(const struct rings *rings, uint32_t at, int map, struct ring *ring)
{
	ring->fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, rings->size, NULL);
	if (ring->fd < 0 || bpf_map_update_elem(map, &at, &ring->fd, BPF_ANY))
		return -errno;
	return map_ring(rings, ring);
}

struct rings *rings__new(int map, uint32_t number, uint32_t buffer)
{
	struct rings *rings = calloc(1, sizeof(*rings) + number * sizeof(*rings->rings));
	int err;

	if (!rings)
		return NULL;
	rings->size = buffer / number;
	rings->page = sysconf(_SC_PAGESIZE);
	for (; rings->count < number; rings->count++) {
		err = make_ring(rings, rings->count, map, &rings->rings[rings->count]);
		if (!err)
			continue;
		rings->count++; /* what there is of it */
		rings__free(rings);
		errno = -err;
		return NULL;
	}
	return rings;
}

void rings__free(struct rings *rings)
{
	if (!rings)
		return;
	for (uint32_t i = 0; i < rings->count; i++) {
		const struct ring *ring = &rings->rings[i];

		if (ring->consumer)
			munmap(ring->consumer, rings->page);
		if (ring->producer)
			munmap((void *)ring->producer, size_of_data(rings));
		if (ring->fd >= 0)
			close(ring->fd);
	}
	free(rings);
}

int rings__watch(const struct rings *rings, int epoll)
{
	struct epoll_event event = { .events = EPOLLIN };

	for (uint32_t i = 0; i < rings->count; i++)
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, rings->rings[i].fd, &event))
			return -errno;
	return 0;
}

static const struct header *header_at(const struct rings *rings, const struct ring *ring)
{
	return (const void *)(ring->data + (ring->at & (rings->size - 1)));
}

static uint64_t size_with_header(uint32_t len)
{
	return ((len & ~BPF_RINGBUF_DISCARD_BIT) + sizeof(struct header) + 7) & ~7ull;
}

/* Looks at the next record. */
static void look(const struct rings *rings, struct ring *ring)
{
	uint32_t len = 0;

	ring->time = NO_TIME;
	ring->busy = false;
	for (; ring->at < ring->end; ring->at += size_with_header(len)) {
		const struct header *header = header_at(rings, ring);

		len = __atomic_load_n(&header->len, __ATOMIC_ACQUIRE);
		ring->busy = len & BPF_RINGBUF_BUSY_BIT;
		if (ring->busy)
			return;
		if (len & BPF_RINGBUF_DISCARD_BIT)
			continue;
		memcpy(&ring->time, (const char *)(header + 1) + EVENT_TIME_OFFSET,
		       sizeof(ring->time));
		return;
	}
}

static void release(struct ring *ring)
{
	if (*ring->consumer != ring->at)
		__atomic_store_n(ring->consumer, ring->at, __ATOMIC_RELEASE);
}

static int take_one(const struct rings *rings, struct ring *ring, ring_record_fn *take, void *ctx)
{
	const struct header *header = header_at(rings, ring);
	int err = take(ctx, header + 1, header->len);

	ring->at += size_with_header(header->len);
	if (ring->at - *ring->consumer >= RELEASE)
		release(ring);
	look(rings, ring);
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

/* Is one behind which there might be an earlier record than the others have? */
static bool begin(struct rings *rings)
{
	bool busy = false;

	for (uint32_t i = 0; i < rings->count; i++) {
		struct ring *ring = &rings->rings[i];

		ring->end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
		look(rings, ring);
		busy |= ring->busy;
	}
	return busy;
}

int rings__take(struct rings *rings, uint64_t until, ring_record_fn *take, void *ctx, bool *all)
{
	/* When a record that isn't finished was begun is not known: the others wait for it. */
	bool busy = begin(rings);
	int err = 0;

	while (!busy && !err) {
		struct ring *ring = choose(rings);

		if (ring->time == NO_TIME || ring->time > until)
			break;
		err = take_one(rings, ring, take, ctx);
		busy = ring->busy;
	}
	*all = !busy && !err;
	for (uint32_t i = 0; i < rings->count; i++)
		release(&rings->rings[i]);
	return err;
}
