// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "encoder.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "dictionary.h"
#include "format.h"

/* So many that what is known of their sockets stays in the cache. */
#define ITEMS_MAX 16384
/* Of owners; the last one may stand behind it. */
#define OWNERS_MAX (1u << 20)

/* What the block has said of a socket. */
struct socket {
	uint64_t since; /* time of its last transition */
	uint64_t born;
	uint8_t laddr[16], raddr[16];
	uint32_t owner;
	uint32_t netns;
	uint16_t lport, rport;
};

/* A process, and the path of its cgroup, which can be found out later than the process. */
struct owner_key {
	struct event_owner owner;
	uint64_t path;
};

#define WORDS(type) (sizeof(type) / sizeof(uint64_t))

/*
 * A kind, from the lowest byte on as in the log: the type and the small members; the others. By
 * words: bytes that were written one by one could not be read as one at once.
 */
struct kind {
	uint64_t small, rest;
};

_Static_assert(sizeof(struct event_owner) == LOG_OWNER_SIZE, "an owner as in the log");

/* The most that an item adds to each column. */
static const uint8_t widest[COLUMN_COUNT] = {
	[COLUMN_KINDS] = KIND_SIZE,  [COLUMN_ADDRESSES] = 32,
	[COLUMN_KIND] = 3,	     [COLUMN_TIME] = VARINT_MAX,
	[COLUMN_SOCKET] = 3,	     [COLUMN_COOKIE] = VARINT_MAX,
	[COLUMN_NETNS] = 5,	     [COLUMN_LPORT] = 2,
	[COLUMN_RPORT] = 2,	     [COLUMN_ADDRESS] = 6,
	[COLUMN_OWNER] = 3,	     [COLUMN_SINCE] = VARINT_MAX,
	[COLUMN_BORN] = VARINT_MAX,  [COLUMN_LOST] = VARINT_MAX,
	[COLUMN_SENT] = VARINT_MAX,  [COLUMN_RTT] = 5,
	[COLUMN_RETRANSMITS] = 5,    [COLUMN_RECEIVED] = VARINT_MAX,
	[COLUMN_VALUE] = VARINT_MAX,
};

struct encoder {
	struct encoded encoded;
	struct dictionary kinds, sockets, addresses, owners;
	struct socket *socket;
	uint64_t time, cookie, lost; /* of the last item; of the last new socket; record */
	uint32_t netns;
	uint8_t *begin[COLUMN_COUNT];
	uint8_t *end[COLUMN_COUNT];
	uint8_t *memory; /* of all columns */
};

static size_t room_of(unsigned int column)
{
	size_t owners = OWNERS_MAX + LOG_OWNER_SIZE + VARINT_MAX + LOG_PATH_MAX;

	return column == COLUMN_OWNERS ? owners : (size_t)widest[column] * ITEMS_MAX;
}

static bool allocate(struct encoder *e)
{
	size_t size = 0;

	/* All that the columns can have together has room there, see room_of(). */
	e->memory = malloc(BLOCK_UNPACKED_MAX);
	e->socket = malloc(ITEMS_MAX * sizeof(*e->socket));
	if (!e->memory || !e->socket)
		return false;
	for (unsigned int i = 0; i < COLUMN_COUNT; i++) {
		e->begin[i] = e->memory + size;
		size += room_of(i);
	}
	return !dictionary__init(&e->kinds, WORDS(struct kind), ITEMS_MAX) &&
	       !dictionary__init(&e->sockets, 1, ITEMS_MAX) &&
	       !dictionary__init(&e->addresses, 2, 2 * ITEMS_MAX) &&
	       !dictionary__init(&e->owners, WORDS(struct owner_key), ITEMS_MAX);
}

struct encoder *encoder__new(void)
{
	struct encoder *e = calloc(1, sizeof(*e));

	if (e && !allocate(e)) {
		encoder__free(e);
		return NULL;
	}
	return e;
}

void encoder__free(struct encoder *e)
{
	if (!e)
		return;
	dictionary__free(&e->kinds);
	dictionary__free(&e->sockets);
	dictionary__free(&e->addresses);
	dictionary__free(&e->owners);
	free(e->socket);
	free(e->memory);
	free(e);
}

void encoder__begin(struct encoder *e, uint64_t lost)
{
	e->encoded = (struct encoded){ .first = UINT64_MAX };
	dictionary__clear(&e->kinds);
	dictionary__clear(&e->sockets);
	dictionary__clear(&e->addresses);
	dictionary__clear(&e->owners);
	e->time = e->cookie = 0;
	e->netns = 0;
	e->lost = lost;
	memcpy(e->end, e->begin, sizeof(e->end));
}

bool encoder__is_full(const struct encoder *e)
{
	return e->encoded.items == ITEMS_MAX ||
	       e->end[COLUMN_OWNERS] - e->begin[COLUMN_OWNERS] >= OWNERS_MAX;
}

const struct encoded *encoder__encoded(const struct encoder *e)
{
	return &e->encoded;
}

static inline void add(struct encoder *e, enum log_column column, uint64_t value)
{
	e->end[column] = put_varint(e->end[column], value);
}

/* The difference is taken modulo 2^64: any two values have one. */
static inline void add_difference(struct encoder *e, enum log_column column, uint64_t from,
				  uint64_t to)
{
	add(e, column, fold((int64_t)(to - from)));
}

static void add_kind(struct encoder *e, const struct kind *kind)
{
	const uint64_t small = htole64(kind->small);
	uint8_t *p = e->end[COLUMN_KINDS];

	p = put_bytes(p, &small, 1 + KIND_SMALL);
	e->end[COLUMN_KINDS] = put_u32(p, kind->rest);
}

static void add_item(struct encoder *e, const struct kind *kind, uint64_t time)
{
	bool added;
	uint32_t number = dictionary__number(&e->kinds, kind, WORDS(*kind), &added);

	if (added)
		add_kind(e, kind);
	add(e, COLUMN_KIND, number);
	add_difference(e, COLUMN_TIME, e->time, time);
	e->time = time;
	e->encoded.items++;
	if (time < e->encoded.first)
		e->encoded.first = time;
	if (time > e->encoded.last)
		e->encoded.last = time;
}

/* A socket that is new is expected to be where the last new one was. */
static struct socket *find_socket(struct encoder *e, uint64_t cookie, uint16_t *said)
{
	bool added;
	uint32_t number = dictionary__number(&e->sockets, &cookie, 1, &added);
	struct socket *socket = &e->socket[number];

	if (!added) {
		add(e, COLUMN_SOCKET, e->sockets.count - 1 - number);
		return socket;
	}
	*said = SAID_SOCKET;
	add_difference(e, COLUMN_COOKIE, e->cookie, cookie);
	e->cookie = cookie;
	*socket = (struct socket){ .netns = e->netns };
	return socket;
}

static void add_address(struct encoder *e, const uint8_t *address)
{
	bool added;
	uint32_t number = dictionary__number(&e->addresses, address, 2, &added);

	if (added)
		e->end[COLUMN_ADDRESSES] = put_bytes(e->end[COLUMN_ADDRESSES], address, 16);
	add(e, COLUMN_ADDRESS, number);
}

/* What both kinds of records have. */
struct common {
	uint64_t cookie, lost;
	uint32_t netns;
	uint16_t lport, rport;
	const uint8_t *laddr, *raddr;
	const struct event_owner *owner;
	const char *path; /* NULL: not known */
	uint8_t how;
};

#define COMMON_OF(event, path_of_cgroup)                                                           \
	{                                                                                          \
		.cookie = (event)->cookie, .lost = (event)->lost, .netns = (event)->netns,         \
		.lport = (event)->lport, .rport = (event)->rport, .laddr = (event)->laddr,         \
		.raddr = (event)->raddr, .owner = &(event)->owner, .path = (path_of_cgroup),       \
		.how = (event)->owner_how,                                                         \
	}

static uint16_t add_place(struct encoder *e, struct socket *socket, const struct common *common)
{
	uint16_t said = 0;

	if (common->netns != socket->netns) {
		said |= SAID_NETNS;
		socket->netns = common->netns;
		add(e, COLUMN_NETNS, common->netns);
	}
	e->netns = common->netns;
	if (common->lport != socket->lport) {
		said |= SAID_LPORT;
		socket->lport = common->lport;
		e->end[COLUMN_LPORT] = put_u16(e->end[COLUMN_LPORT], common->lport);
	}
	if (common->rport != socket->rport) {
		said |= SAID_RPORT;
		socket->rport = common->rport;
		e->end[COLUMN_RPORT] = put_u16(e->end[COLUMN_RPORT], common->rport);
	}
	if (!is_same(common->laddr, socket->laddr, 2)) {
		said |= SAID_LADDR;
		memcpy(socket->laddr, common->laddr, 16);
		add_address(e, common->laddr);
	}
	if (!is_same(common->raddr, socket->raddr, 2)) {
		said |= SAID_RADDR;
		memcpy(socket->raddr, common->raddr, 16);
		add_address(e, common->raddr);
	}
	return said;
}

static void add_new_owner(struct encoder *e, const struct common *common)
{
	const struct event_owner *owner = common->owner;
	size_t len = common->path ? strnlen(common->path, LOG_PATH_MAX) : 0;
	uint8_t *p = e->end[COLUMN_OWNERS];

	p = put_u64(p, owner->cgroup);
	p = put_u32(p, owner->pid);
	p = put_u32(p, owner->uid);
	p = put_bytes(p, owner->comm, sizeof(owner->comm));
	p = put_varint(p, common->path ? len + 1 : 0);
	e->end[COLUMN_OWNERS] = put_bytes(p, common->path ?: "", len);
}

/* The socket's last owner is expected, or zeros where none is known. */
static uint16_t add_owner(struct encoder *e, struct socket *socket, const struct common *common)
{
	static const struct event_owner nobody;
	const struct owner_key *known = (void *)e->owners.keys, *expected;
	struct owner_key key;
	uint32_t number;
	bool added;

	if (!common->how) {
		if (is_same(common->owner, &nobody, WORDS(nobody)) && !common->path)
			return 0;
	} else if (socket->owner) {
		expected = &known[socket->owner - 1];
		if (is_same(common->owner, &expected->owner, WORDS(nobody)) &&
		    expected->path == (uintptr_t)common->path)
			return 0;
	}
	key = (struct owner_key){ *common->owner, (uintptr_t)common->path };
	number = dictionary__number(&e->owners, &key, WORDS(key), &added);
	if (added)
		add_new_owner(e, common);
	add(e, COLUMN_OWNER, number);
	socket->owner = number + 1;
	return SAID_OWNER;
}

static struct socket *add_common(struct encoder *e, const struct common *common, uint16_t *said)
{
	struct socket *socket = find_socket(e, common->cookie, said);

	*said |= add_place(e, socket, common);
	*said |= add_owner(e, socket, common);
	if (common->lost != e->lost) {
		*said |= SAID_LOST;
		add_difference(e, COLUMN_LOST, e->lost, common->lost);
		e->lost = common->lost;
	}
	return socket;
}

static uint16_t add_if(struct encoder *e, enum log_column column, uint64_t value, uint16_t said)
{
	if (!value)
		return 0;
	add(e, column, value);
	return said;
}

/* Both are told as spans: these are shorter, and more alike, than times. */
static uint16_t add_times(struct encoder *e, struct socket *socket,
			  const struct event_transition *event)
{
	uint16_t said = 0;

	if (event->since != socket->since) {
		said |= SAID_SINCE;
		add_difference(e, COLUMN_SINCE, event->since, event->time);
	}
	if (event->born != socket->born) {
		said |= SAID_BORN;
		add_difference(e, COLUMN_BORN, event->born, event->time);
	}
	socket->since = event->time;
	socket->born = event->born;
	return said;
}

#define SMALL(place, value) ((uint64_t)(value) << (8 + 8 * (place)))
#define REST(extra, said)   ((uint64_t)(extra) | (uint64_t)(said) << 16)

void encoder__transition(struct encoder *e, const struct event_transition *event, const char *path)
{
	struct common common = COMMON_OF(event, path);
	uint16_t said = 0;
	struct socket *socket = add_common(e, &common, &said);
	struct kind kind = {
		.small = EVENT_TRANSITION | SMALL(TRANSITION_OLD, event->old_state) |
			 SMALL(TRANSITION_NEW, event->new_state) |
			 SMALL(TRANSITION_HOW, event->owner_how) |
			 SMALL(TRANSITION_FLAGS, event->flags) |
			 SMALL(TRANSITION_STANDIN, event->standin),
	};

	said |= add_times(e, socket, event);
	said |= add_if(e, COLUMN_SENT, event->bytes_sent, SAID_SENT);
	said |= add_if(e, COLUMN_RECEIVED, event->bytes_received, SAID_RECEIVED);
	said |= add_if(e, COLUMN_RETRANSMITS, event->retransmits, SAID_RETRANSMITS);
	said |= add_if(e, COLUMN_RTT, event->rtt_us, SAID_RTT);
	kind.rest = REST(event->error, said);
	add_item(e, &kind, event->time);
	e->encoded.transitions++;
}

void encoder__standin(struct encoder *e, const struct event_standin *event, const char *path)
{
	struct common common = COMMON_OF(event, path);
	struct kind kind = {
		.small = EVENT_STANDIN | SMALL(PHASE_PHASE, event->phase) |
			 SMALL(PHASE_STATE, event->state) | SMALL(PHASE_HOW, event->owner_how) |
			 SMALL(PHASE_FLAGS, event->flags) |
			 SMALL(PHASE_RETRANSMITS, event->retransmits),
	};
	uint16_t said = 0;

	add_common(e, &common, &said);
	kind.rest = REST(event->reserved, said);
	add_item(e, &kind, event->time);
}

void encoder__note(struct encoder *e, uint8_t type, uint8_t where, uint64_t time, uint64_t value)
{
	struct kind kind = { .small = type | SMALL(LOST_WHERE, where) };

	add(e, COLUMN_VALUE, value);
	add_item(e, &kind, time);
}

size_t encoder__finish(const struct encoder *e, uint8_t *to)
{
	uint8_t *p = to;

	for (unsigned int i = 0; i < COLUMN_COUNT; i++) {
		size_t size = e->end[i] - e->begin[i];

		p = put_varint(p, size);
		p = put_bytes(p, e->begin[i], size);
	}
	return p - to;
}
