// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "bytes.h"
#include "trees.h"

#define STRING_MAX 512

static uint8_t *put_string(uint8_t *p, const char *text)
{
	size_t len = strnlen(text, STRING_MAX);

	return put_bytes(put_varint(p, len), text, len);
}

static uint8_t *put_probes(uint8_t *p, const struct probe *probes)
{
	size_t count = 0;

	while (count < LOG_PROBES_MAX && probes[count].name)
		count++;
	p = put_varint(p, count);
	for (size_t i = 0; i < count; i++) {
		p = put_string(p, probes[i].name);
		p = put_string(p, probes[i].status);
	}
	return p;
}

_Static_assert(LOG_HEAD_MAX > 256 + (5 + 2 * LOG_PROBES_MAX) * (STRING_MAX + 2) + LOG_TREE_MAX,
	       "all fits");

size_t log_head__pack(const struct log_head *head, uint8_t *to)
{
	uint8_t *p = to + LOG_HEAD_PREFIX, *prefix;
	size_t size;

	p = put_u64(p, head->time);
	p = put_u64(p, head->boot_time);
	p = put_u64(p, head->started);
	p = put_u64(p, head->capture);
	p = put_u64(p, head->number);
	p = put_string(p, head->boot_id);
	p = put_string(p, head->version);
	p = put_string(p, head->hostname);
	p = put_string(p, head->kernel);
	p = put_probes(p, head->probes);
	*p++ = head->raw;
	p = put_tree(p, head->filter.tree);
	size = p - to - LOG_HEAD_PREFIX;
	prefix = put_bytes(to, LOG_MAGIC, LOG_MAGIC_SIZE);
	prefix = put_u32(prefix, LOG_VERSION);
	prefix = put_u32(prefix, size);
	put_u32(prefix, block__crc(to + LOG_HEAD_PREFIX, size));
	return p - to;
}

int log_head__size(const uint8_t *prefix, size_t *size)
{
	struct bytes bytes = { prefix, prefix + LOG_HEAD_PREFIX, false };

	if (memcmp(get_bytes(&bytes, LOG_MAGIC_SIZE), LOG_MAGIC, LOG_MAGIC_SIZE))
		return -EBADMSG;
	if (get_u32(&bytes) > LOG_VERSION)
		return -EPROTO;
	*size = get_u32(&bytes);
	return *size <= LOG_HEAD_MAX - LOG_HEAD_PREFIX ? 0 : -EBADMSG;
}

/* NULL: it is not there, or there is no memory. */
static char *get_string(struct bytes *from)
{
	uint64_t len = get_varint(from);
	const uint8_t *text = len <= STRING_MAX && !from->bad ? get_bytes(from, len) : NULL;

	return text && !from->bad ? strndup((const char *)text, len) : NULL;
}

static int get_probes(struct bytes *from, struct log_head *head)
{
	uint64_t count = get_varint(from);
	struct probe *probes;

	if (from->bad || count > LOG_PROBES_MAX)
		return -EBADMSG;
	probes = calloc(count + 1, sizeof(*probes));
	head->probes = probes;
	for (uint64_t i = 0; probes && i < count; i++) {
		/* The name last: where there is none is the end. */
		char *name = get_string(from);

		probes[i].status = get_string(from);
		probes[i].how = "";
		probes[i].name = name;
		if (!name || !probes[i].status)
			return from->bad ? -EBADMSG : -ENOMEM;
	}
	return probes ? 0 : -ENOMEM;
}

int log_head__unpack(struct log_head *head, const uint8_t *from, size_t size)
{
	struct bytes bytes = { from, from + size, false };
	int err;

	*head = (struct log_head){};
	get_bytes(&bytes, LOG_HEAD_PREFIX - sizeof(uint32_t));
	if (!block__crc_is(from + LOG_HEAD_PREFIX, size - LOG_HEAD_PREFIX, get_u32(&bytes)))
		return -EBADMSG;
	head->time = get_u64(&bytes);
	head->boot_time = get_u64(&bytes);
	head->started = get_u64(&bytes);
	head->capture = get_u64(&bytes);
	head->number = get_u64(&bytes);
	head->boot_id = get_string(&bytes);
	head->version = get_string(&bytes);
	head->hostname = get_string(&bytes);
	head->kernel = get_string(&bytes);
	err = get_probes(&bytes, head);
	head->raw = *get_bytes(&bytes, 1);
	err = err ?: get_tree(&bytes, &head->filter.tree);
	if (!err && (!head->boot_id || !head->version || !head->hostname || !head->kernel))
		err = -ENOMEM;
	if (bytes.bad)
		err = -EBADMSG;
	if (err)
		log_head__free(head);
	return err;
}

void log_head__free(struct log_head *head)
{
	struct probe *probes = (struct probe *)head->probes;

	for (struct probe *probe = probes; probe && (probe->name || probe->status); probe++) {
		free((char *)probe->name);
		free((char *)probe->status);
	}
	free(probes);
	filter__free(&head->filter);
	free((char *)head->boot_id);
	free((char *)head->version);
	free((char *)head->hostname);
	free((char *)head->kernel);
	*head = (struct log_head){};
}
