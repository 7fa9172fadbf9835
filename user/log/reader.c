// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "../support/caller.h"
#include "../support/message.h"

/* As much as some blocks take, so that they are seldom moved; more if one needs it. */
#define BUFFER_SIZE (256u << 10)

struct reader {
	const char *path;
	int fd;
	int stop_fd;
	bool eof;
	struct log_head head;
	uint64_t offset; /* in the file, of what is at buf + at */
	size_t at, filled;
	uint64_t damaged; /* see reader__damaged() */
	ZSTD_DCtx *unpacker;
	uint8_t *unpacked;
	uint8_t *buf;
	size_t unpacked_room, room;
};

/* Makes room for so many bytes; what is there stays. 0 or -ENOMEM. */
static int grow(uint8_t **bytes, size_t *room, size_t size)
{
	uint8_t *larger;

	if (size <= *room)
		return 0;
	larger = realloc(*bytes, size);
	if (!larger)
		return -ENOMEM;
	*bytes = larger;
	*room = size;
	return 0;
}

/* Waits for what comes through a pipe; a file polls readable. */
static int wait_readable(const struct reader *r)
{
	struct pollfd fds[] = {
		{ .fd = r->fd, .events = POLLIN },
		{ .fd = r->stop_fd ?: -1, .events = POLLIN },
	};

	if (poll(fds, 2, -1) < 0)
		return errno == EINTR ? 0 : -errno;
	return fds[1].revents ? -EINTR : 0;
}

static int read_some(struct reader *r)
{
	int err = wait_readable(r);
	ssize_t n;

	if (err)
		return err;
	n = read(r->fd, r->buf + r->filled, r->room - r->filled);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	r->eof = !n;
	r->filled += n;
	return 0;
}

/* Are there so many bytes, or will the file have no more? 1, 0, -errno. */
static int fill(struct reader *r, size_t size)
{
	int err = 0;

	if (r->filled - r->at >= size)
		return 1;
	err = grow(&r->buf, &r->room, size);
	if (err)
		return err;
	memmove(r->buf, r->buf + r->at, r->filled - r->at);
	r->filled -= r->at;
	r->at = 0;
	while (!err && !r->eof && r->filled < size)
		err = read_some(r);
	return err ?: r->filled >= size;
}

static void skip(struct reader *r, size_t size)
{
	r->at += size;
	r->offset += size;
}

static int refuse(const struct reader *r, const char *why)
{
	message("%s: %s", r->path, why);
	return -EBADMSG;
}

static int say(const struct reader *r, int err)
{
	return err == -EINTR ? err : message_errno(err, r->path);
}

static int read_head(struct reader *r)
{
	size_t size = 0;
	int there = fill(r, LOG_HEAD_PREFIX), err;

	if (there < 0)
		return say(r, there);
	if (!there)
		return refuse(r, r->filled ? "not a log of tcpflux" : "an empty file, not a log");
	err = log_head__size(r->buf, &size);
	if (err == -EPROTO)
		return refuse(r, "a log of a newer version of tcpflux");
	if (err)
		return refuse(r, "not a log of tcpflux");
	size += LOG_HEAD_PREFIX;
	there = fill(r, size);
	if (there < 0)
		return say(r, there);
	err = there ? log_head__unpack(&r->head, r->buf, size) : -EBADMSG;
	if (err == -EBADMSG)
		return refuse(r, "the log's head is damaged");
	if (err)
		return say(r, err);
	skip(r, size);
	return 0;
}

int reader__open(const char *path, int stop_fd, struct reader **result)
{
	bool standard_input = !strcmp(path, "-");
	struct reader *r = calloc(1, sizeof(*r));
	int err = 0;

	if (!r)
		return message_errno(-ENOMEM, path);
	r->stop_fd = stop_fd;
	r->path = standard_input ? "standard input" : path;
	/* A FIFO that nobody writes to yet is waited for by poll(), which a signal can end. */
	r->fd = standard_input ? STDIN_FILENO : caller__open(path, O_RDONLY | O_NONBLOCK);
	if (r->fd < 0) {
		err = say(r, r->fd);
	} else {
		r->unpacker = ZSTD_createDCtx();
		if (!r->unpacker || grow(&r->buf, &r->room, BUFFER_SIZE))
			err = say(r, -ENOMEM);
	}
	err = err ?: read_head(r);
	if (err)
		reader__free(r);
	else
		*result = r;
	return err;
}

void reader__free(struct reader *r)
{
	if (!r)
		return;
	if (r->fd > STDIN_FILENO)
		close(r->fd);
	log_head__free(&r->head);
	ZSTD_freeDCtx(r->unpacker);
	free(r->unpacked);
	free(r->buf);
	free(r);
}

const char *reader__path(const struct reader *r)
{
	return r->path;
}

const struct log_head *reader__head(const struct reader *r)
{
	return &r->head;
}

uint64_t reader__damaged(const struct reader *r)
{
	return r->damaged;
}

static bool unpack(struct reader *r, const struct block_head *head, const uint8_t *packed)
{
	size_t size;

	if (!block__crc_is(packed, head->packed, head->crc))
		return false;
	size = ZSTD_decompressDCtx(r->unpacker, r->unpacked, r->unpacked_room, packed,
				   head->packed);
	return !ZSTD_isError(size) && size == head->unpacked;
}

enum found {
	FOUND_BLOCK,
	FOUND_DAMAGE,	     /* where a block should be */
	FOUND_DAMAGED_BLOCK, /* its head is good */
	FOUND_TEAR,	     /* the file ends within a block */
	FOUND_END,
};

/* What is at the reader's place. Negative errno: it can't be read. */
static int look(struct reader *r, struct block_head *head)
{
	int there = fill(r, BLOCK_HEAD_SIZE);

	if (there < 0)
		return there;
	if (!there)
		return r->filled == r->at ? FOUND_END : FOUND_TEAR;
	if (!block_head__unpack(head, r->buf + r->at))
		return FOUND_DAMAGE;
	there = fill(r, BLOCK_HEAD_SIZE + head->packed);
	if (there < 0)
		return there;
	if (!there)
		return FOUND_TEAR;
	there = grow(&r->unpacked, &r->unpacked_room, head->unpacked + 1);
	if (there < 0)
		return there;
	if (unpack(r, head, r->buf + r->at + BLOCK_HEAD_SIZE))
		return FOUND_BLOCK;
	r->damaged += head->transitions;
	return FOUND_DAMAGED_BLOCK;
}

/* Goes to the next place that could be a block. 1, 0: there is none, -errno. */
static int seek(struct reader *r)
{
	static const uint8_t magic[] = { 'T', 'B', 'L', 'K' };
	const uint8_t *found;
	size_t rest;
	int there;

	skip(r, 1);
	while ((there = fill(r, sizeof(magic))) > 0) {
		rest = r->filled - r->at;
		found = memmem(r->buf + r->at, rest, magic, sizeof(magic));
		if (found == r->buf + r->at)
			return 1;
		skip(r, found ? (size_t)(found - r->buf) - r->at : rest - sizeof(magic) + 1);
	}
	skip(r, r->filled - r->at);
	return there;
}

/*
 * Goes on behind what look() has found to be no good. A block whose head is good is passed over as
 * a whole: whoever has filled a file with such heads must not have each content looked at for each.
 */
static int pass(struct reader *r, enum found found, const struct block_head *head)
{
	if (found != FOUND_DAMAGED_BLOCK)
		return seek(r);
	skip(r, BLOCK_HEAD_SIZE + head->packed);
	return 1;
}

static void say_damage(const struct reader *r, uint64_t from, bool torn)
{
	if (torn)
		message("%s: torn: its last %" PRIu64 " bytes are no whole block", r->path,
			r->offset - from);
	else
		message("%s: damaged from byte %" PRIu64 " to %" PRIu64, r->path, from, r->offset);
}

int reader__next(struct reader *r, struct block_head *head, const uint8_t **columns)
{
	uint64_t from = r->offset;
	bool torn = false;
	int found, more = 1;

	r->damaged = 0;
	while (more > 0 && (found = look(r, head)) != FOUND_BLOCK && found != FOUND_END) {
		torn = r->offset == from && found == FOUND_TEAR;
		more = found < 0 ? found : pass(r, found, head);
	}
	if (more < 0 && more != -ENOMEM && more != -EINTR) {
		say(r, more);
		return -EBADMSG;
	}
	if (more < 0)
		return more;
	if (r->offset != from)
		say_damage(r, from, torn);
	if (!more || found == FOUND_END)
		return 0;
	skip(r, BLOCK_HEAD_SIZE + head->packed);
	*columns = r->unpacked;
	return 1;
}

void reader__say_bad(const struct reader *r)
{
	message("%s: the block before byte %" PRIu64 " contradicts itself", r->path, r->offset);
}
