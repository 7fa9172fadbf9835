// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MIN 64

int tables__init(struct tables *tables)
{
	int err = 0;

	*tables = (struct tables){};
	for (unsigned int by = 0; !err && by < TABLES; by++)
		err = table__init(&tables->by[by]);
	return err;
}

void tables__free(struct tables *tables)
{
	for (unsigned int by = 0; by < TABLES; by++)
		table__free(&tables->by[by]);
	keys__free(&tables->cgroups);
	free(tables->members);
	tables->members = NULL;
}

void tables__listens(struct tables *tables, uint16_t lport)
{
	tables->listening[lport / 64] |= 1ull << lport % 64;
}

/* Where its beginning was not seen, a listener tells: what has its port came to it. */
static bool is_incoming(const struct tables *tables, const struct member *member)
{
	if (member->role != ROLE_UNKNOWN)
		return member->role == ROLE_PASSIVE;
	return tables->listening[member->lport / 64] >> member->lport % 64 & 1;
}

/* The other side's port, where this side has the service, is nobody's name, and vice versa. */
static void set_port(struct row_key *key, uint16_t port, bool named)
{
	if (named)
		key->number = port;
	else
		key->kind = ROW_OPPOSITE;
}

static void set_key(const struct tables *tables, enum table_by by, const struct member *member,
		    struct row_key *key)
{
	*key = (struct row_key){ .kind = ROW_NAMED };
	switch (by) {
	case BY_COMM:
		if (member->how == OWNER_UNKNOWN)
			key->kind = ROW_UNOWNED;
		else
			memcpy(key->comm, member->comm,
			       strnlen(member->comm, sizeof(key->comm) - 1));
		break;
	case BY_LPORT:
		set_port(key, member->lport, is_incoming(tables, member));
		break;
	case BY_RADDR:
		key->address = member->raddr;
		key->family = member->family;
		break;
	case BY_RPORT:
		set_port(key, member->rport, !is_incoming(tables, member));
		break;
	case BY_NETNS:
		key->number = member->netns;
		break;
	case TABLES:
		break;
	}
}

/* Without memory it is not known. */
static uint32_t number_of_cgroup(struct tables *tables, const char *path)
{
	uint32_t number;

	if (!path || keys__number(&tables->cgroups, path, strlen(path) + 1, &number))
		return NO_NUMBER;
	return number;
}

static const char *cgroup_of(const struct tables *tables, const struct member *member)
{
	return member->cgroup == NO_NUMBER ? NULL : keys__key(&tables->cgroups, member->cgroup);
}

static void set_owner(struct tables *tables, struct member *member, const struct owner *owner)
{
	member->how = owner->how;
	member->pid = owner->pid;
	member->uid = owner->uid;
	member->cgroup = number_of_cgroup(tables, owner->cgroup);
	memcpy(member->comm, owner->comm, sizeof(member->comm));
}

static struct member member_of(struct tables *tables, const struct transition *tr, enum role role)
{
	struct member member = {
		.cookie = tr->cookie,
		.netns = tr->netns,
		.lport = tr->lport,
		.rport = tr->rport,
		.laddr = tr->laddr,
		.raddr = tr->raddr,
		.family = tr->family,
		.role = role,
	};

	set_owner(tables, &member, &tr->owner);
	return member;
}

static void find_rows(struct tables *tables, struct member *member)
{
	struct row_key key;

	for (unsigned int by = 0; by < TABLES; by++) {
		set_key(tables, by, member, &key);
		member->row[by] = table__number(&tables->by[by], &key);
	}
}

static struct row *row_of(const struct tables *tables, const struct member *member, unsigned int by)
{
	return &tables->by[by].rows[member->row[by]];
}

static bool counts(const struct member *member)
{
	return member->row[0] != NO_NUMBER;
}

/* It is open, and counts. */
static void join(struct tables *tables, struct member *member)
{
	find_rows(tables, member);
	for (unsigned int by = 0; by < TABLES; by++)
		row_of(tables, member, by)->open++;
}

static void leave(struct tables *tables, const struct member *member)
{
	for (unsigned int by = 0; counts(member) && by < TABLES; by++)
		row_of(tables, member, by)->open--;
}

static bool passes(const struct tables *tables, const struct transition *tr)
{
	return !tables->filter || filter__match(tables->filter, tr) == FILTER_PASS;
}

/* A place for one more; NULL: no memory. */
static struct member *allocate(struct tables *tables, uint32_t *number)
{
	uint32_t room = tables->room ? 2 * tables->room : MEMBERS_MIN;
	struct member *members;

	if (tables->free) {
		*number = tables->free - 1;
		tables->free = tables->members[*number].next;
		return &tables->members[*number];
	}
	if (tables->used == tables->room) {
		members = reallocarray(tables->members, room, sizeof(*members));
		if (!members)
			return NULL;
		tables->members = members;
		tables->room = room;
	}
	*number = tables->used++;
	return &tables->members[*number];
}

/* The connection's own member; NULL: no memory. */
static struct member *admit(struct tables *tables, struct connection *c, const struct member *what)
{
	struct member *member = allocate(tables, &c->group);

	if (!member)
		return NULL;
	*member = *what;
	member->row[0] = NO_NUMBER;
	return member;
}

int tables__opened(void *ctx, struct connection *c, const struct transition *tr)
{
	struct tables *tables = ctx;
	struct member what = member_of(tables, tr, c->role), *member;
	int err = 0;

	if (c->role == ROLE_PASSIVE)
		tables__listens(tables, tr->lport);
	/* Found before what has opened it was told. */
	member = c->group == NO_NUMBER ? admit(tables, c, &what) : &tables->members[c->group];
	if (!member)
		return -ENOMEM;
	if (!passes(tables, tr))
		return 0;
	if (!counts(member))
		join(tables, member);
	tables->opened.active += c->role == ROLE_ACTIVE;
	tables->opened.passive += c->role != ROLE_ACTIVE;
	for (unsigned int by = 0; !err && by < TABLES; by++) {
		struct row *row = row_of(tables, member, by);

		row->opened++;
		if (c->setup_ns != NOT_KNOWN)
			err = histogram__add(&row->connect, c->setup_ns);
	}
	return err;
}

/* What has been counted stays where it is; the connection, and what becomes of it, is the owner's.
 */
void tables__owned(void *ctx, const struct connection *c, const struct transition *tr)
{
	struct tables *tables = ctx;
	struct member *member = c->group == NO_NUMBER ? NULL : &tables->members[c->group];
	bool counted;

	if (!member || (member->how == tr->owner.how && member->pid == tr->owner.pid &&
			!strncmp(member->comm, tr->owner.comm, sizeof(member->comm))))
		return;
	counted = counts(member);
	leave(tables, member);
	set_owner(tables, member, &tr->owner);
	if (counted || passes(tables, tr))
		join(tables, member);
}

int tables__ended(void *ctx, const struct connection *c, const struct transition *tr)
{
	struct tables *tables = ctx;
	bool failed = happening_of(tr->old_state, tr->new_state) == HAPPENED_FAILED;
	struct member what = member_of(tables, tr, c->role);
	const struct member *member = c->group == NO_NUMBER ? NULL : &tables->members[c->group];
	int err = 0;

	if (!passes(tables, tr))
		return 0;
	if (!member || !counts(member)) {
		find_rows(tables, &what);
		member = &what;
	}
	tables->opened.failed += failed;
	tables->opened.closed += !failed;
	for (unsigned int by = 0; !err && by < TABLES; by++) {
		struct row *row = row_of(tables, member, by);

		row->failed += failed;
		row->closed += !failed;
		if (!failed && tr->life_ns != NOT_KNOWN)
			err = histogram__add(&row->life, tr->life_ns);
	}
	return err;
}

void tables__forgotten(void *ctx, const struct connection *c)
{
	struct tables *tables = ctx;
	struct member *member;

	if (c->group == NO_NUMBER)
		return;
	member = &tables->members[c->group];
	leave(tables, member);
	member->cookie = 0;
	member->next = tables->free;
	tables->free = c->group + 1;
}

int tables__found(struct tables *tables, struct connection *c, const struct tcp_socket *socket)
{
	struct member what = {
		.cookie = socket->cookie,
		.netns = socket->netns,
		.lport = socket->lport,
		.rport = socket->rport,
		.laddr = socket->laddr,
		.raddr = socket->raddr,
		.family = socket->family,
	};
	struct member *member;

	set_owner(tables, &what, &socket->owner);
	member = admit(tables, c, &what);
	if (!member)
		return -ENOMEM;
	if (!tables->filter || filter__match_socket(tables->filter, socket))
		join(tables, member);
	return 0;
}

void tables__tick(struct tables *tables, uint64_t ns)
{
	for (unsigned int by = 0; by < TABLES; by++)
		table__tick(&tables->by[by], ns);
}

/* As a walk over the sockets would find it. */
static bool passes_now(const struct tables *tables, const struct member *member, unsigned int state)
{
	struct tcp_socket socket = {
		.cookie = member->cookie,
		.netns = member->netns,
		.lport = member->lport,
		.rport = member->rport,
		.family = member->family,
		.state = state,
		.laddr = member->laddr,
		.raddr = member->raddr,
		.owner = {
			.how = member->how,
			.pid = member->pid,
			.uid = member->uid,
			.cgroup = cgroup_of(tables, member),
		},
		.state_ns = NOT_KNOWN,
	};

	memcpy(socket.owner.comm, member->comm, sizeof(socket.owner.comm));
	return !tables->filter || filter__match_socket(tables->filter, &socket);
}

void tables__begin_anew(struct tables *tables, const struct analysis *analysis,
			const struct filter *filter)
{
	const struct connection *c = NULL;
	struct member *member;

	tables->filter = filter;
	tables->opened = (struct opened){};
	for (unsigned int by = 0; by < TABLES; by++)
		table__clear(&tables->by[by]);
	while ((c = connections__next(&analysis->connections, c))) {
		if (c->group == NO_NUMBER)
			continue;
		member = &tables->members[c->group];
		member->row[0] = NO_NUMBER;
		if (passes_now(tables, member, c->state))
			join(tables, member);
	}
}
