// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "expect.h"

#include <stdlib.h>
#include <string.h>

static _Noreturn void fail_with_rows(const struct capture *capture, uint64_t cookie,
				     const char *file, int line)
{
	const struct row *row = NULL;

	suite__diag("the rows of socket %llu:", (unsigned long long)cookie);
	while ((row = rows__of(&capture->rows, cookie, row)))
		row__print(row);
	if (*capture->err)
		suite__diag("standard error: %.300s", capture->err);
	suite__fail_at(file, line);
}

/* TIME_WAIT lasts a minute: a trace that takes longer where all is slow sees its end, too. */
static bool is_late_end(const struct row *row)
{
	return !strcmp(row->field[OLD], "TIME_WAIT") && atof(row->field[STATE_US]) >= 60e6;
}

void expect__path(const struct capture *capture, uint64_t cookie, const char *path,
		  const char *file, int line)
{
	const struct row *row = NULL;
	char seen[1024] = "";
	size_t n = 0;

	while ((row = rows__of(&capture->rows, cookie, row)) && n < sizeof(seen) - 64) {
		if (is_late_end(row) && !strcmp(seen, path))
			return;
		if (!n)
			n += sprintf(seen, "%.20s", row->field[OLD]);
		n += sprintf(seen + n, " %.20s", row->field[NEW]);
	}
	if (!strcmp(seen, path))
		return;
	suite__diag("expected path: %s", path);
	suite__diag("    seen path: %s", seen);
	fail_with_rows(capture, cookie, file, line);
}

static const struct row *last_of(const struct capture *capture, uint64_t cookie)
{
	const struct row *row = NULL, *last = NULL;

	while ((row = rows__of(&capture->rows, cookie, row)))
		last = row;
	return last;
}

void expect__reason(const struct capture *capture, uint64_t cookie, const char *reason,
		    const char *file, int line)
{
	const struct row *row = last_of(capture, cookie);

	if (row && row__is(row, REASON, reason ?: ""))
		return;
	suite__diag("expected reason: \"%s\"", reason ?: "");
	fail_with_rows(capture, cookie, file, line);
}

void expect__bytes(const struct capture *capture, uint64_t cookie, uint64_t sent, uint64_t received,
		   const char *file, int line)
{
	const struct row *row = last_of(capture, cookie);

	if (row && row__is_end(row) && row__number(row, BYTES_SENT) == sent &&
	    row__number(row, BYTES_RECEIVED) == received)
		return;
	suite__diag("expected bytes: %llu sent, %llu received", (unsigned long long)sent,
		    (unsigned long long)received);
	fail_with_rows(capture, cookie, file, line);
}

static bool is_owned(const struct row *row, const struct owned_by *owner)
{
	return !row__is_null(row, OWNER) && strstr(owner->how, row->field[OWNER]) &&
	       (!owner->pid || (pid_t)row__number(row, PID) == owner->pid) &&
	       (!owner->comm || row__is(row, COMM, owner->comm));
}

void expect__owner(const struct capture *capture, uint64_t cookie, const char *state,
		   const struct owned_by *owner, const char *file, int line)
{
	const struct row *row = NULL;
	size_t seen = 0;

	while ((row = rows__of(&capture->rows, cookie, row))) {
		if (state && !row__is(row, NEW, state))
			continue;
		if (!is_owned(row, owner))
			break;
		seen++;
		if (state)
			return;
	}
	if (!row && seen)
		return;
	suite__diag("expected owner%s%s: %s, pid %d, comm \"%s\"", state ? " entering " : "",
		    state ?: "", owner->how, owner->pid, owner->comm ?: "(any)");
	fail_with_rows(capture, cookie, file, line);
}

void expect__field(const struct capture *capture, uint64_t cookie, enum column column,
		   const char *value, const char *file, int line)
{
	const struct row *row = NULL;
	size_t seen = 0;

	while ((row = rows__of(&capture->rows, cookie, row)) && row__is(row, column, value))
		seen++;
	if (!row && seen)
		return;
	suite__diag("expected in column %d: \"%s\"", column, value);
	fail_with_rows(capture, cookie, file, line);
}

void expect__stay(const struct capture *capture, uint64_t cookie, const char *state, uint64_t min,
		  uint64_t max, const char *file, int line)
{
	const struct row *row = NULL;
	uint64_t stay;

	while ((row = rows__of(&capture->rows, cookie, row)))
		if (row__is(row, OLD, state))
			break;
	stay = row && !row__is_null(row, STATE_US) ? row__ns(row, STATE_US) : 0;
	if (stay >= min && stay <= max)
		return;
	suite__diag("expected in %s between %llu and %llu ns, seen %llu", state,
		    (unsigned long long)min, (unsigned long long)max, (unsigned long long)stay);
	fail_with_rows(capture, cookie, file, line);
}
