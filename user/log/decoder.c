// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "decoder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "event.h"
#include "format.h"
#include "paths.h"

struct owner {
	struct event_owner owner;
	const char *path;
};

static const struct owner nobody;

/* What the block has said of a socket: its last record, as a transition. */
struct socket {
	struct event_transition event;
	uint64_t since; /* time of its last transition */
	const struct owner *owner;
};

struct decoder {
	struct bytes column[COLUMN_COUNT];
	const uint8_t *addresses;
	size_t address_count;
	struct log_kind *kind;
	size_t kinds, kinds_room;
	struct owner *owner;
	size_t owners, owners_room;
	struct socket *socket;
	size_t sockets, sockets_room;
	uint32_t left; /* items */
	bool bad;
	uint64_t time, cookie, lost; /* of the last item; of the last new socket; record */
	uint32_t netns;
	struct event_standin standin;
	struct paths paths;
};

struct decoder *decoder__new(void)
{
	return calloc(1, sizeof(struct decoder));
}

void decoder__free(struct decoder *d)
{
	if (!d)
		return;
	paths__free(&d->paths);
	free(d->kind);
	free(d->owner);
	free(d->socket);
	free(d);
}

/* Makes room for `count` of them, whatever was there. */
static void *make_room(void *list, size_t *room, size_t count, size_t size)
{
	void *larger;

	if (count <= *room)
		return list;
	larger = reallocarray(list, count, size);
	if (larger)
		*room = count;
	return larger;
}

#define MAKE_ROOM(list, room, count)                                                               \
	({                                                                                         \
		void *larger_ = make_room(list, room, count, sizeof(*(list)));                     \
		if (larger_)                                                                       \
			(list) = larger_;                                                          \
		larger_ != NULL;                                                                   \
	})

static int split_columns(struct decoder *d, const uint8_t *columns, size_t size)
{
	struct bytes all = { columns, columns + size, false };

	for (unsigned int i = 0; i < COLUMN_COUNT; i++) {
		uint64_t len = get_varint(&all);

		if (all.bad || len > (size_t)(all.end - all.at))
			return -EBADMSG;
		d->column[i] = (struct bytes){ all.at, all.at + len, false };
		all.at += len;
	}
	return all.at == all.end ? 0 : -EBADMSG;
}

/* By what is needed of it before all else. */
static int read_kinds(struct decoder *d)
{
	struct bytes *from = &d->column[COLUMN_KINDS];
	size_t count = (from->end - from->at) / KIND_SIZE;

	if (!MAKE_ROOM(d->kind, &d->kinds_room, count + 1))
		return -ENOMEM;
	for (d->kinds = 0; d->kinds < count; d->kinds++) {
		struct log_kind *kind = &d->kind[d->kinds];

		kind->type = *get_bytes(from, 1);
		memcpy(kind->small, get_bytes(from, KIND_SMALL), KIND_SMALL);
		kind->extra = get_u16(from);
		kind->said = get_u16(from);
	}
	return from->at == from->end ? 0 : -EBADMSG;
}

static int read_owner(struct decoder *d, struct bytes *from, struct owner *owner)
{
	const uint8_t *path;
	uint64_t len;

	owner->owner.cgroup = get_u64(from);
	owner->owner.pid = get_u32(from);
	owner->owner.uid = get_u32(from);
	memcpy(owner->owner.comm, get_bytes(from, OWNER_COMM_LEN), OWNER_COMM_LEN);
	owner->path = NULL;
	len = get_varint(from);
	if (!len-- || from->bad)
		return from->bad ? -EBADMSG : 0;
	path = len <= LOG_PATH_MAX ? get_bytes(from, len) : NULL;
	if (!path || from->bad || memchr(path, '\0', len))
		return -EBADMSG;
	owner->path = paths__keep(&d->paths, path, len);
	return owner->path ? 0 : -ENOMEM;
}

static int read_owners(struct decoder *d)
{
	struct bytes *from = &d->column[COLUMN_OWNERS];
	size_t most = (from->end - from->at) / LOG_OWNER_SIZE;
	int err = 0;

	if (!MAKE_ROOM(d->owner, &d->owners_room, most + 1))
		return -ENOMEM;
	for (d->owners = 0; !err && from->at < from->end; d->owners++)
		err = d->owners < most ? read_owner(d, from, &d->owner[d->owners]) : -EBADMSG;
	return err;
}

int decoder__begin(struct decoder *d, const uint8_t *columns, size_t size, uint32_t items,
		   uint64_t lost)
{
	int err = items <= BLOCK_ITEMS_MAX ? split_columns(d, columns, size) : -EBADMSG;

	err = err ?: read_kinds(d);
	err = err ?: read_owners(d);
	if (err)
		return err;
	d->addresses = d->column[COLUMN_ADDRESSES].at;
	d->address_count = (d->column[COLUMN_ADDRESSES].end - d->addresses) / 16;
	/* An item has a kind; a socket begins by an item. */
	if (items > (size_t)(d->column[COLUMN_KIND].end - d->column[COLUMN_KIND].at))
		return -EBADMSG;
	if (!MAKE_ROOM(d->socket, &d->sockets_room, items + 1))
		return -ENOMEM;
	d->left = items;
	d->sockets = 0;
	d->bad = false;
	d->time = d->cookie = 0;
	d->netns = 0;
	d->lost = lost;
	return 0;
}

static uint64_t take(struct decoder *d, enum log_column column)
{
	uint64_t value = get_varint(&d->column[column]);

	d->bad |= d->column[column].bad;
	return value;
}

static uint64_t take_difference(struct decoder *d, enum log_column column)
{
	return (uint64_t)unfold(take(d, column));
}

static uint16_t take_port(struct decoder *d, enum log_column column)
{
	uint16_t port = get_u16(&d->column[column]);

	d->bad |= d->column[column].bad;
	return port;
}

static void take_address(struct decoder *d, uint8_t *address)
{
	uint64_t number = take(d, COLUMN_ADDRESS);

	if (number < d->address_count)
		memcpy(address, d->addresses + number * 16, 16);
	else
		d->bad = true;
}

static struct socket *take_socket(struct decoder *d, uint16_t said)
{
	struct socket *socket;
	uint64_t ago;

	if (!(said & SAID_SOCKET)) {
		ago = take(d, COLUMN_SOCKET);
		if (ago < d->sockets)
			return &d->socket[d->sockets - 1 - ago];
		d->bad = true;
		return NULL;
	}
	d->cookie += take_difference(d, COLUMN_COOKIE);
	socket = &d->socket[d->sockets++];
	memset(socket, 0, sizeof(*socket));
	socket->owner = &nobody;
	socket->event.type = EVENT_TRANSITION;
	socket->event.cookie = d->cookie;
	socket->event.netns = d->netns;
	return socket;
}

static void take_place(struct decoder *d, struct event_transition *event, uint16_t said)
{
	if (said & SAID_NETNS)
		event->netns = take(d, COLUMN_NETNS);
	d->netns = event->netns;
	if (said & SAID_LPORT)
		event->lport = take_port(d, COLUMN_LPORT);
	if (said & SAID_RPORT)
		event->rport = take_port(d, COLUMN_RPORT);
	if (said & SAID_LADDR)
		take_address(d, event->laddr);
	if (said & SAID_RADDR)
		take_address(d, event->raddr);
}

static const struct owner *take_owner(struct decoder *d)
{
	uint64_t number = take(d, COLUMN_OWNER);

	if (number < d->owners)
		return &d->owner[number];
	d->bad = true;
	return &nobody;
}

/* What both kinds of records have; NULL if it can't be right. */
static struct socket *take_common(struct decoder *d, const struct log_kind *kind,
				  const struct owner **owner)
{
	struct socket *socket = take_socket(d, kind->said);

	if (!socket)
		return NULL;
	take_place(d, &socket->event, kind->said);
	if (kind->said & SAID_OWNER)
		socket->owner = take_owner(d);
	*owner = kind->small[TRANSITION_HOW] || kind->said & SAID_OWNER ? socket->owner : &nobody;
	if (kind->said & SAID_LOST)
		d->lost += take_difference(d, COLUMN_LOST);
	return socket;
}

static void take_times(struct decoder *d, struct socket *socket, uint16_t said)
{
	struct event_transition *event = &socket->event;

	event->time = d->time;
	event->since = socket->since;
	if (said & SAID_SINCE)
		event->since = d->time - take_difference(d, COLUMN_SINCE);
	if (said & SAID_BORN)
		event->born = d->time - take_difference(d, COLUMN_BORN);
	socket->since = d->time;
}

static uint64_t take_if(struct decoder *d, enum log_column column, uint16_t said)
{
	return said ? take(d, column) : 0;
}

static void take_transition(struct decoder *d, const struct log_kind *kind, struct item *item)
{
	const struct owner *owner;
	struct socket *socket = take_common(d, kind, &owner);
	struct event_transition *event;

	if (!socket)
		return;
	event = &socket->event;
	event->old_state = kind->small[TRANSITION_OLD];
	event->new_state = kind->small[TRANSITION_NEW];
	event->owner_how = kind->small[TRANSITION_HOW];
	event->flags = kind->small[TRANSITION_FLAGS];
	event->standin = kind->small[TRANSITION_STANDIN];
	event->error = kind->extra;
	event->lost = d->lost;
	event->owner = owner->owner;
	take_times(d, socket, kind->said);
	event->bytes_sent = take_if(d, COLUMN_SENT, kind->said & SAID_SENT);
	event->bytes_received = take_if(d, COLUMN_RECEIVED, kind->said & SAID_RECEIVED);
	event->retransmits = take_if(d, COLUMN_RETRANSMITS, kind->said & SAID_RETRANSMITS);
	event->rtt_us = take_if(d, COLUMN_RTT, kind->said & SAID_RTT);
	item->path = owner->path;
	item->record = event;
	item->size = sizeof(*event);
}

static void take_standin(struct decoder *d, const struct log_kind *kind, struct item *item)
{
	struct event_standin *standin = &d->standin;
	const struct owner *owner;
	const struct socket *socket = take_common(d, kind, &owner);

	if (!socket)
		return;
	standin->type = EVENT_STANDIN;
	standin->phase = kind->small[PHASE_PHASE];
	standin->state = kind->small[PHASE_STATE];
	standin->owner_how = kind->small[PHASE_HOW];
	standin->flags = kind->small[PHASE_FLAGS];
	standin->retransmits = kind->small[PHASE_RETRANSMITS];
	standin->reserved = kind->extra;
	standin->netns = socket->event.netns;
	standin->lport = socket->event.lport;
	standin->rport = socket->event.rport;
	standin->time = d->time;
	standin->cookie = socket->event.cookie;
	standin->lost = d->lost;
	memcpy(standin->laddr, socket->event.laddr, sizeof(standin->laddr));
	memcpy(standin->raddr, socket->event.raddr, sizeof(standin->raddr));
	standin->owner = owner->owner;
	item->path = owner->path;
	item->record = standin;
	item->size = sizeof(*standin);
}

static void take_note(struct decoder *d, const struct log_kind *kind, struct item *item)
{
	item->where = kind->small[LOST_WHERE];
	item->value = take(d, COLUMN_VALUE);
}

static bool take_item(struct decoder *d, struct item *item)
{
	uint64_t number = take(d, COLUMN_KIND);
	const struct log_kind *kind = number < d->kinds ? &d->kind[number] : NULL;

	if (!kind)
		return false;
	d->time += take_difference(d, COLUMN_TIME);
	item->type = kind->type;
	item->time = d->time;
	item->record = NULL;
	switch (kind->type) {
	case EVENT_TRANSITION:
		take_transition(d, kind, item);
		return !d->bad;
	case EVENT_STANDIN:
		take_standin(d, kind, item);
		return !d->bad;
	case LOG_SETTLE:
	case LOG_SETTLE_ALL:
	case LOG_LOST:
	case LOG_BOOT_TIME:
	case LOG_TIMEWAIT:
		take_note(d, kind, item);
		return !d->bad;
	}
	return false;
}

int decoder__next(struct decoder *d, struct item *item)
{
	if (!d->left)
		return 0;
	d->left--;
	return take_item(d, item) ? 1 : -EBADMSG;
}
