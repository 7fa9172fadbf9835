// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "lists.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define MAX_ARGUMENTS 24
#define SECONDS	      30

static char *read_all(int out)
{
	struct stat st;
	char *text;

	must(!fstat(out, &st));
	text = calloc(1, st.st_size + 1);
	must(text && pread(out, text, st.st_size, 0) == st.st_size);
	return text;
}

char *list__read(int out)
{
	char *text = read_all(out);

	suite__defer(free, text);
	return text;
}

bool list__has_printed(int out, const char *part)
{
	char *text = read_all(out);
	bool has = strstr(text, part);

	free(text);
	return has;
}

size_t list__count_latest(int out)
{
	char *text = read_all(out), now[64] = "", time[64];
	size_t count = 0;

	for (const char *line = text; line && *line; line = json__next(line)) {
		/* Not yet whole: the time comes first. */
		if (!json__member(line, "time", time, sizeof(time)))
			break;
		count = strcmp(now, time) ? 1 : count + 1;
		strcpy(now, time);
	}
	free(text);
	return count;
}

static struct trace start(const struct list_setup *setup, int *out, va_list options)
{
	struct trace_setup trace_setup = {
		.format = setup->format ?: "json",
		.here = setup->here,
		.before_exec = setup->before_exec,
	};
	const char *argument[MAX_ARGUMENTS] = { "list" };

	for (int i = 1; (argument[i] = va_arg(options, const char *)); i++)
		must(i + 1 < MAX_ARGUMENTS);
	*out = memfd_create("list", MFD_CLOEXEC);
	must(*out >= 0);
	trace_setup.out = *out;
	return trace__start_as(&trace_setup, argument);
}

struct trace list__start(const struct list_setup *setup, int *out, ...)
{
	struct trace trace;
	va_list options;

	va_start(options, out);
	trace = start(setup, out, options);
	va_end(options);
	return trace;
}

struct list list__run_as(const struct list_setup *setup, ...)
{
	const struct capture *capture;
	struct trace trace;
	struct list list;
	va_list options;
	int out;

	va_start(options, setup);
	trace = start(setup, &out, options);
	va_end(options);
	capture = trace__join(&trace, SECONDS);
	list = (struct list){ list__read(out), capture->err, capture->exit_status };
	close(out);
	return list;
}

static bool is_about(const char *line, const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return json__member_is(line, name, text);
}

static const char *first(const struct list *list)
{
	return *list->out ? list->out : NULL;
}

const char *list__of(const struct list *list, uint64_t cookie)
{
	const char *found = NULL;

	for (const char *line = first(list); line; line = json__next(line)) {
		if (!is_about(line, "cookie", cookie))
			continue;
		must(!found);
		found = line;
	}
	return found;
}

size_t list__count(const struct list *list, uint64_t netns)
{
	size_t count = 0;

	for (const char *line = first(list); line; line = json__next(line)) {
		must(json__is_valid(line) && json__member_is(line, "type", "socket"));
		count += is_about(line, "netns", netns);
	}
	return count;
}

void list__expect(const struct list *list, uint64_t cookie, const char *file, int line, ...)
{
	const char *socket = list__of(list, cookie), *name, *value;
	va_list members;

	if (!socket) {
		suite__diag("%s:%d: no socket %" PRIu64 ": %s", file, line, cookie, list->err);
		suite__fail_at(file, line);
	}
	va_start(members, line);
	while ((name = va_arg(members, const char *))) {
		value = va_arg(members, const char *);
		if (json__member_is(socket, name, value))
			continue;
		suite__diag("%s is not %s: %.*s", name, value, (int)strcspn(socket, "\n"), socket);
		suite__fail_at(file, line);
	}
	va_end(members);
}

uint64_t list__number(const struct list *list, uint64_t cookie, const char *name)
{
	const char *socket = list__of(list, cookie);
	char text[32], *end;
	uint64_t number;

	must(socket && json__member(socket, name, text, sizeof(text)));
	number = strtoull(text, &end, 10);
	must(end > text && !*end);
	return number;
}
