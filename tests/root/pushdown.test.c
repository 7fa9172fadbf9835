// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is filtered in the kernel are the same rows as what is filtered when everything is there: of
 * the same traffic, traced without a filter and, at the same time, with many.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "folder.h"
#include "scene.h"

#define AT_ONCE 10

static const struct trace_setup quiet = { .flood = true };

/* --- the comparison ------------------------------------------------------------------------------
 */

/*
 * Rows of this namespace, socket by socket, since all programs were there. What an earlier test has
 * left may end a little later, in a namespace that had the same number.
 */
struct selection {
	const struct row **row;
	size_t count;
};

static int by_cookie(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (x->cookie != y->cookie)
		return x->cookie < y->cookie ? -1 : 1;
	return x < y ? -1 : x > y;
}

static struct selection selection_of(const struct capture *c, uint64_t begun)
{
	struct selection s = { calloc(c->rows.count + 1, sizeof(*s.row)), 0 };

	must(s.row);
	for (size_t i = 0; i < c->rows.count; i++)
		if (row__number(&c->rows.row[i], NETNS) == net__inode() &&
		    row__time(&c->rows.row[i]) >= begun)
			s.row[s.count++] = &c->rows.row[i];
	qsort(s.row, s.count, sizeof(*s.row), by_cookie);
	return s;
}

/* Two programs look at the clock one after the other. */
static bool is_a_time(enum column column)
{
	return column == TIME || column == STATE_US || column == LIFE_US;
}

/* Between them it may have been accepted, by the process that listens. */
static bool are_owned_alike(const struct row *a, const struct row *b)
{
	static const char both[] = "inherited accepted";

	return row__is(a, OWNER, b->field[OWNER]) ||
	       (strstr(both, a->field[OWNER]) && strstr(both, b->field[OWNER]));
}

static bool agree(const struct row *a, const struct row *b, enum column c)
{
	bool known_before = c == STATE_US && row__is(a, OLD, "CLOSE");

	if (is_a_time(c))
		return row__is_null(a, c) == row__is_null(b, c) || known_before;
	if (c == OWNER)
		return are_owned_alike(a, b);
	return !strcmp(a->field[c], b->field[c]);
}

static bool same(const struct row *a, const struct row *b)
{
	for (enum column c = COOKIE; c < COLUMNS; c++)
		if (!agree(a, b, c))
			return false;
	return true;
}

/* `what` is its expression. Returns how many rows there are. */
static size_t assert_same(const struct scene *scene, const struct capture *behind,
			  const struct capture *in_kernel, const char *what)
{
	struct selection a = selection_of(behind, scene->begun);
	struct selection b = selection_of(in_kernel, scene->begun);
	size_t count = a.count, i = 0;

	while (i < a.count && i < b.count && same(a.row[i], b.row[i]))
		i++;
	if (i < a.count || i < b.count) {
		suite__diag("%s: row %zu of %zu behind the kernel, of %zu in it", what, i, a.count,
			    b.count);
		if (i < a.count)
			row__print(a.row[i]);
		if (i < b.count)
			row__print(b.row[i]);
		suite__fail_at(__FILE__, __LINE__);
	}
	free(a.row);
	free(b.row);
	return count;
}

static const struct capture *stopped(const struct trace *t, const char *what)
{
	const struct capture *c = trace__stop(t);

	if (capture__lost(c))
		suite__diag("%s: %s", what, c->err);
	assert_int_equal(capture__lost(c), 0);
	return c;
}

static const struct capture *read_log(const char *path, const char *raw, const char *expression)
{
	struct trace t = trace__start_with(&quiet, "-r", path, "-q", raw, expression);
	const struct capture *c = trace__join(&t, 20);

	assert_int_equal(c->exit_status, 0);
	return c;
}

/* %W is the worker's process, %S this one, %N this namespace. */
static const char *filled(const char *expression, const struct scene *scene, char *text,
			  size_t size)
{
	size_t len = 0;

	for (; *expression && len + 24 < size; expression++) {
		if (*expression != '%') {
			text[len++] = *expression;
			continue;
		}
		expression++;
		len += snprintf(text + len, size - len, "%llu",
				*expression == 'N'   ? (unsigned long long)net__inode()
				: *expression == 'W' ? (unsigned long long)scene->worker.pid
						     : (unsigned long long)getpid());
	}
	text[len] = '\0';
	return text;
}

/* Where starting a program takes long, some of them are left to other machines. */
static size_t at_once(void)
{
	return suite__patience(1) > 1 ? 3 : AT_ONCE;
}

/* All of them together have more than `least` rows. */
static void compare(const char *const expressions[AT_ONCE], const char *option, bool wired,
		    size_t least)
{
	bool is_raw = !strcmp(option, "--raw");
	struct scene scene = scene__set(wired);
	struct trace all, filtered[AT_ONCE];
	char text[AT_ONCE][256];
	size_t rows = 0;

	folder__make();
	all = trace__start_with(&quiet, "-b", "16M", "-w", folder__file("all"),
				is_raw ? "-q" : option);
	for (size_t i = 0; i < at_once(); i++)
		filtered[i] = trace__start_with(
			&quiet, "-b", "4M", option,
			filled(expressions[i], &scene, text[i], sizeof(text[i])));
	scene__play(&scene);
	stopped(&all, "everything");
	for (size_t i = 0; i < at_once(); i++)
		rows += assert_same(&scene,
				    read_log(folder__file("all"), is_raw ? "--raw" : "-q", text[i]),
				    stopped(&filtered[i], text[i]), text[i]);
	must(rows > (at_once() < AT_ONCE ? 0 : least));
}

/* What does not change in the life of a connection. */
static const char *const of_connections[AT_ONCE] = {
	"sport = :7301",
	"dport = :7301",
	"sport = :32000-32499",
	"sport != :32000-32499 and netns %N",
	"src 127.0.0.0/8 family inet6 or dst [::1]",
	"family inet and netns %N",
	"not ( dport = :7301 or dport = :7300 ) and dport > 7000",
	"dport = :7306 or sport = :20001",
	"sport = :7303 comm pushdown*",
	"not dst 127.0.0.0/8 and not sport = :7300",
};

static void connections(void)
{
	compare(of_connections, "--no-fentry", false, 200);
}

static void raw_connections(void)
{
	compare(of_connections, "--raw", false, 150);
}

static void owners(void)
{
	static const char *const expressions[AT_ONCE] = {
		"pid %W",
		"pid %S",
		"not pid %W and netns %N",
		"pid != %W and netns %N",
		"not ( pid = %S or pid = %W ) and netns %N",
		"uid 0 and not pid %S",
		"sport = :7300 and pid %W",
		"not ( pid %S and sport = :7300 ) and dport = :32000-32999",
		"pid %S and comm worker or pid %W state close-wait",
		"uid != 0 or pid %W and netns %N",
	};

	compare(expressions, "--no-fentry", true, 100);
}

static void states(void)
{
	static const char *const expressions[AT_ONCE] = {
		"state close-wait netns %N",
		"state time-wait netns %N",
		"old time-wait netns %N",
		"old fin-wait-2 netns %N",
		"new syn-sent sport = :32000-32999",
		"old listening dport = :7301 or state listening sport = :7301",
		"exclude connected netns %N",
		"state bucket netns %N",
		"( sport = :7302 and state close-wait ) or dport = :7302",
		"old syn-sent sport = :32000-32499 reason refused or old closed dport = :7304",
	};

	compare(expressions, "--no-fentry", false, 80);
	net__settle();
}

static void requests(void)
{
	static const char *const expressions[AT_ONCE] = {
		"state new-syn-recv netns %N",
		"old new-syn-recv netns %N",
		"old listening netns %N",
		"new syn-recv sport = :7309",
		"old new-syn-recv new closed netns %N",
		"dst 10.77.0.2",
		"dport = :40000",
		"pid %S old new-syn-recv",
		"state_time > 100ms new syn-recv netns %N",
		"dport = :40001 or state new-syn-recv sport = :7300",
	};

	compare(expressions, "--no-fentry", true, 40);
}

static void times(void)
{
	static const char *const expressions[AT_ONCE] = {
		"state_time < 1h sport = :7300",
		"not ( life < 1h ) and netns %N",
		"life < 1h or old listening and netns %N",
		"not ( state_time > 1000s or life > 1000s ) and dport = :32000-32999",
		/* Not where nobody knows how long something takes. */
		"state_time > 100ms netns %N",
		"not state_time > 100ms and netns %N",
		"life > 100ms netns %N",
		"old fin-wait-2 state_time > 500ms netns %N",
		"life > 500ms and pid %S",
		"state_time > 1000s",
	};

	compare(expressions, "--no-fentry", false, 100);
}

/* By trampolines, where they load. */
static void by_fentry(void)
{
	static const char *const expressions[AT_ONCE] = {
		"sport = :7301",
		"dport = :7301",
		"pid %W",
		"not pid %S and netns %N",
		"old time-wait netns %N",
		"state time-wait dst [::1]",
		"old new-syn-recv netns %N",
		"dport = :32000-32499",
		"old fin-wait-2 netns %N",
		"family inet6",
	};

	/* Without the ports of half the range: the kernel chooses which a client gets. */
	compare(expressions, "-q", false, 60);
}

/* What a filter has let into a log is enough for all that is read of it later. */
static void logs(void)
{
	static const char *const expressions[] = {
		"sport = :32000-32499",
		"old time-wait or pid %W",
		"dport = :7301 or old new-syn-recv",
		"state_time > 100ms",
	};
	struct scene scene = scene__set(false);
	struct trace all, logged[4];
	char text[4][256], name[16];

	folder__make();
	all = trace__start_with(&quiet, "-b", "64M", "-w", folder__file("all"));
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		logged[i] = trace__start_with(
			&quiet, "-w", folder__file(name),
			filled(expressions[i], &scene, text[i], sizeof(text[i])));
	}
	scene__play(&scene);
	stopped(&all, "everything");
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		assert_same(&scene, read_log(folder__file("all"), "-q", text[i]),
			    stopped(&logged[i], text[i]), text[i]);
		assert_same(&scene, read_log(folder__file("all"), "--raw", text[i]),
			    read_log(folder__file(name), "--raw", "dport >= 0"), text[i]);
		assert_same(&scene, read_log(folder__file("all"), "-q", text[i]),
			    read_log(folder__file(name), "-q", "dport >= 0"), text[i]);
	}
}

/* What a socket did while it was left out is not known: nor is since when it is closed. */
static void left_out_in_between(void)
{
	int passing = net__listen("127.0.0.1", 7961), other = net__listen("127.0.0.1", 7962);
	/* Rows that don't follow one another are what it is about. */
	struct trace t = trace__start_with(&(struct trace_setup){ .flood = true }, "dport = :7961");
	const uint16_t ports[] = { 7961, 7961, 7962, 7961 };
	int fd = net__socket(AF_INET);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;
	const struct row *row;
	bool known[3];
	int begins = 0;

	for (int i = 0; i < 4; i++) {
		must(!net__try_connect(fd, "127.0.0.1", ports[i]));
		net__disconnect(fd);
	}
	close(fd);
	close(passing);
	close(other);

	c = trace__stop(&t);
	for (row = rows__of(&c->rows, cookie, NULL); row; row = rows__of(&c->rows, cookie, row)) {
		if (!row__is(row, OLD, "CLOSE"))
			continue;
		must(begins < 3);
		known[begins++] = !row__is_null(row, STATE_US);
	}
	assert_int_equal(begins, 3);
	must(!known[0] && known[1] && !known[2]);
}

SUITE(TEST(connections), TEST(raw_connections), TEST(owners), TEST(states), TEST(requests),
      TEST(times), TEST(by_fentry), TEST(logs), TEST(left_out_in_between))
