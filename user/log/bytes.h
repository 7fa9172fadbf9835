/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers in memory as a log has them: little-endian, or in groups of seven bits, the lowest first,
 * each with a bit that tells whether another one follows (LEB128). Signed ones are folded: 0 -1 1
 * -2 become 0 1 2 3.
 */
#ifndef TCPFLUX_LOG_BYTES_H
#define TCPFLUX_LOG_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define VARINT_MAX 10

static inline uint64_t fold(int64_t value)
{
	return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t unfold(uint64_t value)
{
	return (int64_t)(value >> 1 ^ -(value & 1));
}

/* Of words of eight bytes; for so few of them a call of memcmp() takes longer. */
static inline bool is_same(const void *a, const void *b, unsigned int words)
{
	uint64_t x, y, difference = 0;

	for (unsigned int i = 0; i < words; i++) {
		memcpy(&x, (const char *)a + i * sizeof(x), sizeof(x));
		memcpy(&y, (const char *)b + i * sizeof(y), sizeof(y));
		difference |= x ^ y;
	}
	return !difference;
}

/* Each writes at p and returns the place behind. */
static inline uint8_t *put_varint(uint8_t *p, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*p++ = value | 0x80;
	*p++ = value;
	return p;
}

static inline uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t size)
{
	memcpy(p, bytes, size);
	return p + size;
}

static inline uint8_t *put_u16(uint8_t *p, uint16_t value)
{
	return put_bytes(p, &(uint16_t){ htole16(value) }, sizeof(value));
}

static inline uint8_t *put_u32(uint8_t *p, uint32_t value)
{
	return put_bytes(p, &(uint32_t){ htole32(value) }, sizeof(value));
}

static inline uint8_t *put_u64(uint8_t *p, uint64_t value)
{
	return put_bytes(p, &(uint64_t){ htole64(value) }, sizeof(value));
}

/* What is read from. Reading past the end gives zeros, and says so in `bad`. */
struct bytes {
	const uint8_t *at, *end;
	bool bad;
};

static inline const uint8_t *get_bytes(struct bytes *from, size_t size)
{
	static const uint8_t none[16];
	const uint8_t *at = from->at;

	if (size > (size_t)(from->end - at)) {
		from->bad = true;
		from->at = from->end;
		return size <= sizeof(none) ? none : NULL;
	}
	from->at += size;
	return at;
}

static inline uint16_t get_u16(struct bytes *from)
{
	uint16_t value;

	memcpy(&value, get_bytes(from, sizeof(value)), sizeof(value));
	return le16toh(value);
}

static inline uint32_t get_u32(struct bytes *from)
{
	uint32_t value;

	memcpy(&value, get_bytes(from, sizeof(value)), sizeof(value));
	return le32toh(value);
}

static inline uint64_t get_u64(struct bytes *from)
{
	uint64_t value;

	memcpy(&value, get_bytes(from, sizeof(value)), sizeof(value));
	return le64toh(value);
}

/* What does not fit into 64 bits is bad. */
static inline uint64_t get_varint(struct bytes *from)
{
	const uint8_t *p = from->at;
	uint64_t value = 0;

	for (unsigned int shift = 0; p < from->end && shift < 64; shift += 7) {
		value |= (uint64_t)(*p & 0x7f) << shift;
		if (*p++ < 0x80) {
			from->at = p;
			return value;
		}
	}
	from->bad = true;
	from->at = from->end;
	return 0;
}

#endif
