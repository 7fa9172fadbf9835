// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "rows.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "suite.h"

static const char header[] = "time,seq,cookie,netns,family,laddr,lport,raddr,rport,old,new,"
			     "state_us,pid,comm,uid,cgroup,owner,src,inferred,reason,life_us,"
			     "bytes_sent,bytes_received,retransmits,rtt_us";

/*
 * Takes one field off the text and ends it with a NUL. Returns what ended it: ',' or '\n'; 0 if
 * that isn't CSV.
 */
static char take_field(char **text, const char **field)
{
	char *from = *text, *to = *text, end;

	*field = to;
	if (*from != '"') {
		from += strcspn(from, ",\"\r\n");
		to = from;
	} else {
		for (from++; *from && (*from != '"' || from[1] == '"'); from++) {
			*to++ = *from;
			from += *from == '"';
		}
		if (!*from++)
			return 0;
	}
	if (*from == '\r' && from[1] == '\n')
		from++;
	end = *from;
	if (end != ',' && end != '\n')
		return 0;
	*to = '\0';
	*text = from + 1;
	return end;
}

static bool take_row(char **text, struct row *row)
{
	for (int column = 0; column < COLUMNS; column++)
		if (take_field(text, &row->field[column]) != (column < COLUMNS - 1 ? ',' : '\n'))
			return false;
	row->cookie = row__number(row, COOKIE);
	return true;
}

struct rows rows__parse(char *text)
{
	struct rows rows = { .text = text };
	size_t room = 0;
	char *end = strchr(text, '\n');

	must(end);
	end -= end > text && end[-1] == '\r';
	must((size_t)(end - text) == sizeof(header) - 1);
	must(!memcmp(text, header, sizeof(header) - 1));
	text = strchr(end, '\n') + 1;
	while (*text) {
		char *start = text;

		if (rows.count == room) {
			room = room ? room * 2 : 256;
			rows.row = realloc(rows.row, room * sizeof(*rows.row));
			must(rows.row);
		}
		if (!take_row(&text, &rows.row[rows.count++])) {
			suite__diag("not a CSV record: %.200s", start);
			must(!"the output is CSV");
		}
	}
	return rows;
}

void rows__free(struct rows *rows)
{
	free(rows->row);
	free(rows->text);
	*rows = (struct rows){ 0 };
}

void row__print(const struct row *row)
{
	char line[1024];
	int n = 0;

	for (int c = SEQ; c < COLUMNS && n < (int)sizeof(line) - 1; c++)
		n += snprintf(line + n, sizeof(line) - n, "%s%s", c > SEQ ? "," : "",
			      row->field[c]);
	suite__diag("  %s", line);
}

uint64_t row__number(const struct row *row, enum column column)
{
	char *end;
	uint64_t number;

	errno = 0;
	number = strtoull(row->field[column], &end, 10);
	if (end == row->field[column] || *end || errno) {
		suite__diag("column %d is \"%s\"", column, row->field[column]);
		must(!"the field is a number");
	}
	return number;
}

uint64_t row__ns(const struct row *row, enum column column)
{
	unsigned long long us;
	unsigned int ns = 0;
	int fields, digits = 3, used = 0;
	const char *text = row->field[column];

	fields = sscanf(text, "%llu%n", &us, &used);
	must(fields == 1);
	if (text[used] == '.') {
		must(sscanf(text + used + 1, "%3u%n", &ns, &digits) == 1);
		for (; digits < 3; digits++)
			ns *= 10;
	}
	return us * 1000 + ns;
}

uint64_t row__time(const struct row *row)
{
	struct tm tm = { 0 };
	unsigned int ns;
	char *rest = strptime(row->field[TIME], "%Y-%m-%dT%H:%M:%S", &tm);
	int used = 0;

	must(rest && sscanf(rest, ".%9uZ%n", &ns, &used) == 1 && used == 11 && !rest[used]);
	return timegm(&tm) * 1000000000ull + ns;
}

bool row__is(const struct row *row, enum column column, const char *value)
{
	return !strcmp(row->field[column], value);
}

bool row__is_null(const struct row *row, enum column column)
{
	return !*row->field[column];
}

bool row__is_end(const struct row *row)
{
	return row__is(row, NEW, "CLOSE") || row__is(row, NEW, "TIME_WAIT");
}

const struct row *rows__of(const struct rows *rows, uint64_t cookie, const struct row *before)
{
	const struct row *row = before ? before + 1 : rows->row;

	for (; row < rows->row + rows->count; row++)
		if (row->cookie == cookie)
			return row;
	return NULL;
}

const struct row *rows__entering(const struct rows *rows, uint64_t cookie, const char *state)
{
	const struct row *row = NULL;

	while ((row = rows__of(rows, cookie, row)))
		if (row__is(row, NEW, state))
			break;
	return row;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

void rows__unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] == '\\') {
			*to++ = '\\';
			text += 2;
		} else if (text[0] == '\\' && text[1] == 'x' && hex(text[2]) >= 0 &&
			   hex(text[3]) >= 0) {
			*to++ = hex(text[2]) << 4 | hex(text[3]);
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

static const char *contradiction_in(const struct row *row, bool raw)
{
	struct in6_addr address;
	int family = row__is(row, FAMILY, "4") ? AF_INET : AF_INET6;
	bool time_wait = row__is(row, NEW, "TIME_WAIT"), seen = row__is(row, SRC, "tracepoint");
	/* Its socket may have ended before the trace, or just not have been anybody's any more. */
	bool from_before = row__is(row, OLD, "TIME_WAIT") && row__is(row, OWNER, "unknown");
	bool carries = row__is_end(row) && !(from_before && row__is_null(row, BYTES_SENT));

	if (!row__is(row, FAMILY, "4") && !row__is(row, FAMILY, "6"))
		return "a family that is neither 4 nor 6";
	if (inet_pton(family, row->field[LADDR], &address) != 1 ||
	    inet_pton(family, row->field[RADDR], &address) != 1)
		return "an address that is not of its family";
	if (!strncmp(row->field[LADDR], "::ffff:", 7))
		return "an IPv4-mapped address";
	if (row__is(row, OWNER, "unknown") != row__is_null(row, PID) ||
	    row__is(row, OWNER, "unknown") != row__is_null(row, COMM))
		return "an owner that is known and not known";
	if (row__is(row, INFERRED, "true") && !time_wait)
		return "inferred, but not TIME_WAIT";
	if (time_wait && seen && !row__is(row, INFERRED, "true"))
		return "the tracepoint does not know TIME_WAIT";
	if (raw && (!seen || time_wait))
		return "not what the tracepoint said";
	if (row__is_end(row) == row__is_null(row, REASON) ||
	    carries == row__is_null(row, BYTES_SENT) || carries == row__is_null(row, RETRANSMITS))
		return "the fields of an end at something else, or none at an end";
	if (!row__is_end(row) && (!row__is_null(row, LIFE_US) || !row__is_null(row, RTT_US)))
		return "a life that has not ended";
	return NULL;
}

/* `before` is the row of the same socket, or NULL. */
static bool follows(const struct row *before, const struct row *row)
{
	/* The stand-in goes on; the socket that it stands for may be connected again meanwhile. */
	return row__is(row, OLD, before->field[NEW]) ||
	       (row__is(before, NEW, "TIME_WAIT") && row__is(row, OLD, "CLOSE")) ||
	       row__is(row, OLD, "TIME_WAIT");
}

static const char *contradiction_between(const struct row *before, const struct row *row)
{
	bool first = !before;

	if (row__is(row, OLD, "LISTEN") && !row__is(row, NEW, "CLOSE"))
		return before ? "a child that was there before" : NULL;
	/* That it changed is known, but not when. */
	if (row__is(row, INFERRED, "true") || (before && row__is(before, INFERRED, "true")))
		first |= row__is_null(row, STATE_US);
	if (first != row__is_null(row, STATE_US))
		return "state_us of a first transition, or none at a later one";
	if (!before)
		return NULL;
	if (!follows(before, row))
		return "a transition from a state that the socket was not in";
	if (strcmp(row->field[TIME], before->field[TIME]) < 0)
		return "a transition earlier than the one before";
	return NULL;
}

static int by_cookie(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (x->cookie != y->cookie)
		return x->cookie < y->cookie ? -1 : 1;
	return x < y ? -1 : x > y;
}

const char *rows__contradiction(const struct rows *rows, uint64_t netns, bool raw)
{
	const struct row **sorted = malloc((rows->count + 1) * sizeof(*sorted)), *before = NULL;
	const char *wrong = NULL;
	size_t n = 0;

	must(sorted);
	for (size_t i = 0; i < rows->count; i++)
		if (row__number(&rows->row[i], NETNS) == netns)
			sorted[n++] = &rows->row[i];
	qsort(sorted, n, sizeof(*sorted), by_cookie);
	for (size_t i = 0; i < n && !wrong; i++) {
		if (before && before->cookie != sorted[i]->cookie)
			before = NULL;
		wrong = contradiction_in(sorted[i], raw);
		if (!wrong)
			wrong = contradiction_between(before, sorted[i]);
		if (wrong && before)
			row__print(before);
		if (wrong)
			row__print(sorted[i]);
		before = sorted[i];
	}
	free(sorted);
	return wrong;
}
