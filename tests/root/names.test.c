// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program may call itself anything; no output is broken by that, and no terminal obeys it. */
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "json.h"
#include "net.h"
#include "peer.h"

#define PORT 7300

/* At most 15 bytes each. */
static const char *const hostile[] = {
	"quote\"and\"",
	"com,ma,",
	"line\nfeed\r\n",
	"\033[31mred\033[0m",
	"back\\slash\\x41",
	"\x01\x02\x1f\x7f del",
	"\xff\xfe\x80 raw",
	"cut \xe2\x82",
	"\xc0\xafover \xed\xa0\x80",
	"c1 \302\23331m",
	"gr\xc3\xbc\xc3\x9f \xe2\x82\xac",
	"\xf0\x9f\x98\x80 \xf4\x90\x80\x80",
	" spaces  ",
	"'$(reboot)`",
	"=1+1",
	"a\tb\bc",
};

#define NAMES (sizeof(hostile) / sizeof(*hostile))

static void make_listener(const struct peer *parent, const void *arg)
{
	int listener = net__listen("127.0.0.1", PORT);

	(void)arg;
	peer__tell(parent, net__cookie(listener));
	close(listener);
}

/* A listener of each name; returns their cookies. */
static void listen_as_each(uint64_t *cookie)
{
	for (size_t i = 0; i < NAMES; i++) {
		struct peer peer = peer__start(hostile[i], make_listener, NULL);

		cookie[i] = peer__hear(&peer);
		peer__end(&peer);
	}
}

/* No control character but the line's end, no C1, no DEL, nothing that isn't UTF-8. */
static void assert_harmless(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p; p++) {
		must(*p >= 0x20 || *p == '\n');
		must(*p != 0x7f);
		must(*p != 0xc2 || p[1] >= 0xa0);
	}
}

static void in_csv(void)
{
	struct trace t = trace__start();
	const struct capture *c;
	uint64_t cookie[NAMES];

	listen_as_each(cookie);

	c = trace__stop(&t);
	assert_harmless(c->out);
	for (size_t i = 0; i < NAMES; i++) {
		const struct row *row = rows__of(&c->rows, cookie[i], NULL);
		char comm[128];

		must(row);
		snprintf(comm, sizeof(comm), "%s", row->field[COMM]);
		rows__unescape(comm);
		assert_string_equal(comm, hostile[i]);
	}
}

/* UTF-8 in good order is left as it is. */
static void in_csv_unharmed(void)
{
	struct trace t = trace__start();
	struct peer peer = peer__start("gr\xc3\xbc\xc3\x9f \xe2\x82\xac", make_listener, NULL);
	uint64_t cookie = peer__hear(&peer);
	const struct capture *c;

	peer__end(&peer);
	c = trace__stop(&t);
	assert_owner(c, cookie, "self", peer.pid, "gr\xc3\xbc\xc3\x9f \xe2\x82\xac");
}

static void in_json(void)
{
	struct trace t = trace__start_with(&(struct trace_setup){ .format = "json" });
	const struct capture *c;
	uint64_t cookie[NAMES];
	size_t found = 0;
	char number[24];

	listen_as_each(cookie);

	c = trace__stop(&t);
	assert_harmless(c->out);
	for (const char *line = c->out; line; line = json__next(line)) {
		if (!json__is_valid(line))
			suite__diag("not JSON: %.*s", (int)strcspn(line, "\n"), line);
		must(json__is_valid(line));
		for (size_t i = 0; i < NAMES; i++) {
			snprintf(number, sizeof(number), "%llu", (unsigned long long)cookie[i]);
			found += json__member_is(line, "cookie", number) &&
				 json__member_is(line, "type", "transition");
		}
	}
	assert_int_equal(found, 2 * NAMES);
}

static void in_text(void)
{
	struct trace t = trace__start_with(&(struct trace_setup){ .format = "text" });
	const struct capture *c;
	uint64_t cookie[NAMES];
	size_t lines = 0;

	listen_as_each(cookie);

	c = trace__stop(&t);
	assert_harmless(c->out);
	for (const char *p = c->out; (p = strstr(p, "127.0.0.1:7300")); p++)
		lines++;
	assert_int_equal(lines, 2 * NAMES);
	must(strstr(c->out, "back\\\\slash\\\\x41"));
}

SUITE(TEST(in_csv), TEST(in_csv_unharmed), TEST(in_json), TEST(in_text))
