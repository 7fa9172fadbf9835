// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sockets.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/filter.h"
#include "../filter/pushdown.h"
#include "../support/clock.h"
#include "../support/heap.h"
#include "../support/message.h"
#include "../support/privileges.h"
#include "census.h"
#include "cgroup.h"
#include "decision.h"
#include "decode.h"
#include "holder.h"
#include "iterator.h"
#include "namespaces.h"
#include "requirements.h"
#include "tcpflux.skel.h"
#include "verbosity.h"

/* Places in the table of who has which socket open. */
#define TABLE_MIN      1024
#define TABLE_BITS_MAX 26

struct sockets {
	struct sockets_options options;
	struct tcpflux_bpf *skel;
	struct cgroups *cgroups;
	uint64_t tick_ns; /* a jiffy */
	int home;	  /* the network namespace to return to */
	uint32_t home_inode;

	/* Of the walk under way. */
	socket_fn *fn;
	void *ctx;
	struct sockets_unseen *unseen;
	int stopped; /* what ended it before its time */
	bool away;   /* in another namespace than at home */
};

/*
 * Room for three times the sockets that there are now: a few may come meanwhile, and MPTCP's are
 * not counted.
 */
static uint32_t holder_bits(void)
{
	uint64_t wanted = 3 * census__allocated() + TABLE_MIN;
	uint32_t bits = 1;

	while (bits < TABLE_BITS_MAX && 1ull << bits < wanted)
		bits++;
	return bits;
}

/* Of all programs, only these two; of the maps, only what they use. */
static int choose(struct tcpflux_bpf *skel, uint32_t bits)
{
	struct bpf_program *prog;
	int err;

	bpf_object__for_each_program(prog, skel->obj) bpf_program__set_autoload(
		prog, prog == skel->progs.find_holder || prog == skel->progs.write_socket);
	err = bpf_map__set_autocreate(skel->maps.ring_slots, false);
	err = err ?: bpf_map__set_autocreate(skel->maps.bell, false);
	err = err ?: bpf_map__set_max_entries(skel->maps.listeners, 1);
	err = err ?: bpf_map__set_max_entries(skel->maps.table, 1);
	skel->rodata->holder_bits = bits;
	return err ?: bpf_map__set_max_entries(skel->maps.holders, 1u << bits);
}

static int set_filter(struct tcpflux_bpf *skel, const struct filter *filter)
{
	struct pushdown pushdown;
	int err = pushdown__compile(&pushdown, filter ? filter->tree : NULL);

	skel->rodata->filter_connections = pushdown.connections;
	skel->rodata->filter_rows = pushdown.rows;
	return err;
}

static int load_skeleton(struct tcpflux_bpf *skel, const struct sockets *sockets, uint32_t bits)
{
	int err = choose(skel, bits) ?: set_filter(skel, sockets->options.filter);

	err = err ?: tcpflux_bpf__load(skel);
	/* libbpf does without mapping the globals where it believes that it can't be done. */
	if (err || !skel->bss)
		return err ?: -ENOTSUP;
	skel->links.write_socket = bpf_program__attach(skel->progs.write_socket);
	if (!skel->links.write_socket)
		return -errno;
	/* Without it there are no owners; a walk will tell. */
	skel->links.find_holder = bpf_program__attach(skel->progs.find_holder);
	return 0;
}

/* In the place of what was loaded with fewer places, if that was. */
static int load(struct sockets *sockets, uint32_t bits)
{
	struct tcpflux_bpf *skel = tcpflux_bpf__open();
	int err = skel ? load_skeleton(skel, sockets, bits) : -errno ?: -EINVAL;

	if (err) {
		tcpflux_bpf__destroy(skel);
		return err;
	}
	tcpflux_bpf__destroy(sockets->skel);
	sockets->skel = skel;
	return 0;
}

/* The coarse clocks advance with each tick of the kernel's (posix_get_coarse_res()). */
static uint64_t tick_ns(void)
{
	struct timespec resolution;

	clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
	return resolution.tv_sec * NS_PER_S + resolution.tv_nsec;
}

int sockets__open(const struct sockets_options *options, struct sockets **result)
{
	struct sockets *sockets;
	int err = requirements__check();

	if (err)
		return err;
	verbosity__set(options->verbose);
	sockets = malloc(sizeof(*sockets));
	if (!sockets)
		return message_errno(-ENOMEM, "starting");
	*sockets = (struct sockets){ .options = *options, .tick_ns = tick_ns() };
	heap__reserve();
	sockets->home = namespaces__home(&sockets->home_inode);
	sockets->cgroups = cgroups__new();
	if (sockets->home < 0)
		err = message_errno(sockets->home, "/proc/self/ns/net");
	else if (!sockets->cgroups)
		err = message_errno(-ENOMEM, "starting");
	else if ((err = load(sockets, holder_bits())))
		message_errno(err, "loading the BPF programs (see -v)");
	heap__release();
	if (err)
		sockets__free(sockets);
	else
		*result = sockets;
	return err;
}

void sockets__free(struct sockets *sockets)
{
	if (!sockets)
		return;
	tcpflux_bpf__destroy(sockets->skel);
	cgroups__free(sockets->cgroups);
	if (sockets->home >= 0)
		close(sockets->home);
	free(sockets);
}

/*
 * setns() and a look at /proc/PID/ns of processes that have other rights. Iterators are made by
 * bpf(2), for which older kernels want CAP_BPF (sysctl_unprivileged_bpf_disabled, until 5.19);
 * it adds nothing to CAP_SYS_ADMIN.
 */
int sockets__drop_privileges(void)
{
	static const cap_value_t kept[] = { CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_BPF };

	return privileges__drop_but(kept, sizeof(kept) / sizeof(kept[0]));
}

static int on_record(void *ctx, const void *record, size_t size)
{
	const struct socket_record *known = record;
	struct sockets *sockets = ctx;
	struct tcp_socket socket;
	int err = decode_socket(record, size, sockets->tick_ns, &socket);

	if (err)
		return err;
	if (socket.owner.how != OWNER_UNKNOWN)
		socket.owner.cgroup = cgroups__path(sockets->cgroups, known->owner.cgroup);
	return sockets->fn(sockets->ctx, &socket);
}

static int pace(void *ctx)
{
	struct sockets *sockets = ctx;

	if (sockets->options.pace)
		sockets->stopped = sockets->options.pace(sockets->options.ctx);
	return sockets->stopped;
}

/* If there are many more sockets than there were, those too many could stay without an owner. */
static int have_room(struct sockets *sockets)
{
	uint32_t bits = holder_bits();

	return bits > sockets->skel->rodata->holder_bits ? load(sockets, bits) : 0;
}

/* Returns as iterator__run(). What one walk has found the next one does not see. */
static int find_holders(struct sockets *sockets)
{
	struct iteration steps = { .pace = pace, .ctx = sockets };
	int err = have_room(sockets);

	sockets->skel->bss->holders_walk++;
	if (!err && !sockets->skel->links.find_holder)
		err = -ENOTSUP;
	return err ?: iterator__run(sockets->skel->links.find_holder, &steps);
}

/* The namespace that this process is in. */
static int walk_here(struct sockets *sockets)
{
	struct iteration records = {
		.size = sizeof(struct socket_record),
		.record = on_record,
		.pace = pace,
		.ctx = sockets,
	};

	return iterator__run(sockets->skel->links.write_socket, &records);
}

static int on_namespace(void *ctx, int fd, uint32_t inode)
{
	struct sockets *sockets = ctx;

	if (sockets->options.netns && inode != sockets->options.netns)
		return 0;
	/* The own one comes first; where setns() is forbidden it is all there is. */
	if (inode == sockets->home_inode && !sockets->away)
		return walk_here(sockets);
	if (namespaces__enter(fd)) {
		sockets->unseen->closed++;
		return 0;
	}
	sockets->away = true;
	return walk_here(sockets);
}

static int walk_everywhere(struct sockets *sockets)
{
	int err = namespaces__each(on_namespace, sockets, &sockets->unseen->hidden);
	int back = sockets->away ? namespaces__enter(sockets->home) : 0;

	sockets->away = back < 0;
	return err ?: back;
}

static int walk_all(struct sockets *sockets)
{
	sockets->unseen->owners = find_holders(sockets);
	if (sockets->stopped)
		return sockets->stopped;
	return sockets->options.only_here ? walk_here(sockets) : walk_everywhere(sockets);
}

int sockets__walk(struct sockets *sockets, socket_fn *fn, void *ctx, struct sockets_unseen *unseen)
{
	*unseen = (struct sockets_unseen){};
	sockets->fn = fn;
	sockets->ctx = ctx;
	sockets->unseen = unseen;
	return walk_all(sockets);
}

void sockets_unseen__say(const struct sockets_unseen *now, const struct sockets_unseen *before)
{
	if (now->owners && now->owners != before->owners)
		message("owners are not known: %s", strerror(-now->owners));
	if (now->hidden && now->hidden != before->hidden)
		message("processes whose network namespaces may not be looked at: %u", now->hidden);
	if (now->closed && now->closed != before->closed)
		message("network namespaces that may not be entered: %u", now->closed);
}
