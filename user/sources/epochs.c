// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "epochs.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hidden.h"
#include "lanes.h"
#include "totals.h"
#include "totals.skel.h"
#include "witness.h"

/* Sockets that may come while a census is under way. */
#define SPARE_SOCKETS 16384

/* A census that there was no memory for is taken again, with twice as much. */
#define TRIES 4

/* What sockets do, but for what only MPTCP's do, and only to themselves. */
static const struct witness_kind kinds[] = {
	{ TCP_CLOSE, TCP_LISTEN },	     { TCP_LISTEN, TCP_CLOSE },
	{ TCP_CLOSE, TCP_SYN_SENT },	     { TCP_SYN_SENT, TCP_ESTABLISHED },
	{ TCP_SYN_SENT, TCP_SYN_RECV },	     { TCP_SYN_SENT, TCP_CLOSE },
	{ TCP_LISTEN, TCP_SYN_RECV },	     { TCP_SYN_RECV, TCP_ESTABLISHED },
	{ TCP_SYN_RECV, TCP_FIN_WAIT1 },     { TCP_SYN_RECV, TCP_CLOSE_WAIT },
	{ TCP_SYN_RECV, TCP_CLOSE },	     { TCP_ESTABLISHED, TCP_FIN_WAIT1 },
	{ TCP_ESTABLISHED, TCP_CLOSE_WAIT }, { TCP_ESTABLISHED, TCP_CLOSE },
	{ TCP_FIN_WAIT1, TCP_FIN_WAIT2 },    { TCP_FIN_WAIT1, TCP_CLOSING },
	{ TCP_FIN_WAIT1, TCP_CLOSE },	     { TCP_FIN_WAIT2, TCP_CLOSE },
	{ TCP_CLOSING, TCP_CLOSE },	     { TCP_CLOSE_WAIT, TCP_LAST_ACK },
	{ TCP_CLOSE_WAIT, TCP_CLOSE },	     { TCP_LAST_ACK, TCP_CLOSE },
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

_Static_assert(KINDS <= WITNESS_KINDS_MAX, "the witness tells no more apart");

typedef uint64_t matrix[STATE_COUNT][STATE_COUNT];

struct epochs {
	struct totals_bpf *skel;
	struct lanes *lanes;
	struct counters *counters; /* of each CPU, shared with the kernel */
	unsigned int cpus;
	unsigned int odd;	   /* of the epoch: 0 or 1 */
	bool seeded;		   /* there was a census */
	int64_t base[STATE_COUNT]; /* sockets when the epoch began */
	matrix past;		   /* transitions in former epochs */
	struct witness *witness;   /* of what no lane sees; NULL: there is none */
	uint64_t witnessed[KINDS], witnessed_before[KINDS]; /* now, and when the epoch began */
	uint64_t certain; /* the sum of what was witnessed before the epoch had begun for sure */
	int64_t difference[STATE_COUNT];
	uint64_t drift;
};

static size_t size_of_counters(const struct epochs *epochs)
{
	return epochs->cpus * sizeof(struct counters);
}

struct epochs *epochs__new(struct totals_bpf *skel, struct lanes *lanes, unsigned int cpus)
{
	struct epochs *epochs = calloc(1, sizeof(*epochs));
	void *shared;

	if (!epochs)
		return NULL;
	epochs->skel = skel;
	epochs->lanes = lanes;
	epochs->cpus = cpus;
	shared = mmap(NULL, size_of_counters(epochs), PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(skel->maps.counters), 0);
	if (shared == MAP_FAILED) {
		free(epochs);
		return NULL;
	}
	epochs->counters = shared;
	/* It doesn't tell in which namespace something happens. */
	if (!skel->rodata->only_netns && !skel->rodata->only_reached && hidden__is_process_1())
		epochs->witness = witness__new(kinds, KINDS);
	return epochs;
}

void epochs__free(struct epochs *epochs)
{
	if (!epochs)
		return;
	munmap(epochs->counters, size_of_counters(epochs));
	witness__free(epochs->witness);
	free(epochs);
}

/*
 * Waits until no program runs that may have read the phase before. Tracepoints call them inside an
 * RCU read-side section, and this waits for all of those (synchronize_rcu() in membarrier(2));
 * where it is refused (nohz_full), microseconds are all that is needed.
 */
static void wait_for_programs(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(10000);
}

static void set_copies_of_phase(struct epochs *epochs, uint32_t phase)
{
	for (unsigned int cpu = 0; cpu < epochs->cpus; cpu++)
		*(volatile __u32 *)&epochs->counters[cpu].phase = phase;
}

/*
 * What lanes are kept from while nobody counts is not lost: they are told in the same moment. A
 * census goes by one word for all CPUs, from beginning to end: else a socket's transition on one
 * CPU might still belong to the epoch before, and an earlier one, on another CPU, already to this
 * one.
 */
static void set_phase(struct epochs *epochs, uint32_t phase)
{
	struct totals_bpf__bss *bss = epochs->skel->bss;

	if (epochs->counters->phase) {
		set_copies_of_phase(epochs, 0);
		wait_for_programs();
	}
	if (phase && !bss->phase)
		lanes__begin(epochs->lanes);
	else if (!phase && bss->phase)
		lanes__end(epochs->lanes);
	__atomic_store_n(&bss->phase, phase, __ATOMIC_RELEASE);
	wait_for_programs();
	if (!(phase & PHASE_CENSUS))
		set_copies_of_phase(epochs, phase);
}

static void add_cells(const volatile __u64 *cells, matrix moved)
{
	for (int old = 1; old <= COUNTER_STATES; old++)
		for (int new = 1; new <= COUNTER_STATES; new ++)
			moved[old][new] += cells[counter_cell(old, new)];
}

/* Adds what an epoch has counted so far. */
static void add_moved(const struct epochs *epochs, unsigned int odd, matrix moved)
{
	add_cells(epochs->skel->bss->late[odd], moved);
	for (unsigned int cpu = 0; cpu < epochs->cpus; cpu++)
		add_cells(epochs->counters[cpu].moved[odd], moved);
}

/* Looks at what has happened where the kernel runs no programs. */
static void ask_witness(struct epochs *epochs)
{
	if (epochs->witness)
		witness__read(epochs->witness, epochs->witnessed);
}

/* Of all kinds, so far. */
static uint64_t sum_of_witnessed(const struct epochs *epochs)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < KINDS; i++)
		sum += epochs->witnessed[i];
	return sum;
}

/* Adds what of that belongs to this epoch. */
static void add_witnessed(const struct epochs *epochs, matrix moved)
{
	for (unsigned int i = 0; i < KINDS; i++)
		if (epochs->witnessed[i] > epochs->witnessed_before[i])
			moved[kinds[i].old_state][kinds[i].new_state] +=
				epochs->witnessed[i] - epochs->witnessed_before[i];
}

static void add(const matrix from, matrix to)
{
	for (unsigned int old = 0; old < STATE_COUNT; old++)
		for (unsigned int new = 0; new < STATE_COUNT; new ++)
			to[old][new] += from[old][new];
}

/* What the epoch's transitions make of the numbers that it began with. */
static void move(matrix moved, int64_t *states)
{
	struct totals totals = {};

	for (unsigned int old = 0; old < STATE_COUNT; old++)
		for (unsigned int new = 0; new < STATE_COUNT; new ++)
			totals__add_many(&totals, old, new, moved[old][new]);
	for (unsigned int state = 0; state < STATE_COUNT; state++)
		states[state] += (int64_t)(totals.entered[state] - totals.left[state]);
	states[TCP_CLOSE] = 0; /* not known, and of no interest */
}

/* The map of what a census has seen is there only as long as the census. */
static int make_seen(const struct epochs *epochs, uint32_t size)
{
	int outer = bpf_map__fd(epochs->skel->maps.census_seen), err = 0;
	int inner = bpf_map_create(BPF_MAP_TYPE_HASH, "seen", sizeof(__u64), sizeof(__u8), size,
				   NULL);

	if (inner < 0)
		return -errno;
	if (bpf_map_update_elem(outer, &(__u32){ 0 }, &inner, BPF_ANY))
		err = -errno;
	close(inner);
	return err;
}

static void remove_seen(const struct epochs *epochs)
{
	bpf_map_delete_elem(bpf_map__fd(epochs->skel->maps.census_seen), &(__u32){ 0 });
}

/* The old epoch's counters are final once this has returned, and those of the new one begin. */
static void begin(struct epochs *epochs)
{
	unsigned int odd = !epochs->odd;
	matrix moved = {};

	epochs->skel->bss->unseen = 0;
	memset(epochs->skel->bss->late[odd], 0, sizeof(epochs->skel->bss->late[odd]));
	for (unsigned int cpu = 0; cpu < epochs->cpus; cpu++) {
		memset(epochs->counters[cpu].moved[odd], 0, sizeof(epochs->counters->moved[odd]));
		memset(epochs->counters[cpu].seed, 0, sizeof(epochs->counters->seed));
	}
	ask_witness(epochs);
	epochs->certain = sum_of_witnessed(epochs);
	set_phase(epochs, PHASE_ON | PHASE_CENSUS | odd);
	ask_witness(epochs);
	add_moved(epochs, epochs->odd, moved);
	add_witnessed(epochs, moved);
	add(moved, epochs->past);
	move(moved, epochs->base);
	memcpy(epochs->witnessed_before, epochs->witnessed, sizeof(epochs->witnessed));
	epochs->odd = odd;
}

static void add_seed(const struct epochs *epochs, int64_t *seed)
{
	for (unsigned int cpu = 0; cpu < epochs->cpus; cpu++)
		for (unsigned int state = 0; state < STATE_COUNT; state++)
			seed[state] += epochs->counters[cpu].seed[state];
	seed[TCP_CLOSE] = 0;
}

/* Is it a state that a socket can be in without a process? */
static bool is_on_its_own(unsigned int state)
{
	return state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_LAST_ACK ||
	       state == TCP_CLOSING;
}

/* By how much the counters exceed what the census has found. Returns the sum over all states. */
static uint64_t compare(const struct epochs *epochs, const int64_t *seed,
			const struct reach_changes *changes, int64_t *difference)
{
	uint64_t sum = 0;

	for (unsigned int state = 0; state < STATE_COUNT; state++) {
		difference[state] = epochs->base[state] - seed[state];
		if ((changes->gone && difference[state] > 0 && is_on_its_own(state)) ||
		    (changes->found && difference[state] < 0))
			difference[state] = 0;
		sum += llabs(difference[state]);
	}
	return sum;
}

/*
 * Goes on from what the census has found. Of what was witnessed while the walk was under way nobody
 * knows whether the walk has found the socket before or after that; of what was, while the epoch
 * began, whether it was before or after the socket's first transition in it. What this explains is
 * no drift, and the counters go on as they were.
 */
static void settle(struct epochs *epochs, const struct reach_changes *changes)
{
	int64_t seed[STATE_COUNT] = {}, difference[STATE_COUNT] = {};
	uint64_t sum = 0, witnessed, blurred;

	ask_witness(epochs);
	witnessed = sum_of_witnessed(epochs);
	blurred = witnessed > epochs->certain ? witnessed - epochs->certain : 0;
	add_seed(epochs, seed);
	if (epochs->seeded)
		sum = compare(epochs, seed, changes, difference);
	if (epochs->seeded && blurred && sum <= 2 * blurred) {
		memset(epochs->difference, 0, sizeof(epochs->difference));
		return;
	}
	memcpy(epochs->difference, difference, sizeof(difference));
	memcpy(epochs->base, seed, sizeof(seed));
	epochs->drift += sum;
	epochs->seeded = true;
}

/* -EAGAIN: the map was too small. */
static int take_census(struct epochs *epochs, uint32_t size, const struct reach_changes *changes,
		       epochs_walk_fn *walk, void *ctx)
{
	int err = make_seen(epochs, size);

	if (err)
		return err;
	begin(epochs);
	err = walk(ctx);
	set_phase(epochs, PHASE_ON | epochs->odd);
	remove_seen(epochs);
	if (err)
		return err;
	if (*(volatile __u64 *)&epochs->skel->bss->unseen)
		return -EAGAIN;
	settle(epochs, changes);
	return 0;
}

void epochs__ask_anew(struct epochs *epochs)
{
	wait_for_programs();
	for (unsigned int cpu = 0; cpu < epochs->cpus; cpu++)
		*(volatile __u64 *)&epochs->counters[cpu].netns = 0;
}

int epochs__census(struct epochs *epochs, uint64_t sockets, const struct reach_changes *changes,
		   epochs_walk_fn *walk, void *ctx)
{
	uint64_t size = sockets + sockets / 4 + SPARE_SOCKETS;
	int err = -EAGAIN;

	for (int i = 0; i < TRIES && err == -EAGAIN && size <= UINT32_MAX; i++, size *= 2)
		err = take_census(epochs, size, changes, walk, ctx);
	return err;
}

void epochs__end(struct epochs *epochs)
{
	set_phase(epochs, 0);
	ask_witness(epochs);
	witness__free(epochs->witness);
	epochs->witness = NULL;
}

void epochs__read(struct epochs *epochs, struct counts *counts)
{
	int64_t states[STATE_COUNT];
	matrix moved = {};

	ask_witness(epochs);
	add_moved(epochs, epochs->odd, moved);
	add_witnessed(epochs, moved);
	memcpy(states, epochs->base, sizeof(states));
	move(moved, states);
	add(epochs->past, moved);
	memcpy(counts->moved, moved, sizeof(moved));
	/* CPUs are read one after another: a socket may seem to have left twice. */
	for (unsigned int state = 0; state < STATE_COUNT; state++)
		counts->states[state] = states[state] > 0 ? states[state] : 0;
	counts->drift = epochs->drift;
}

const int64_t *epochs__difference(const struct epochs *epochs)
{
	return epochs->difference;
}
