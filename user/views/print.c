// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "print.h"

#define CHUNK 1024

typedef char *escape_fn(char *p, const char *text);

/* How much of a text of more than CHUNK bytes is taken at once: not half of a character. */
static size_t cut(const char *text)
{
	size_t len = CHUNK;

	for (unsigned int i = 0; i < 3 && (text[len] & 0xc0) == 0x80; i++)
		len--;
	return len;
}

/* An escaped text, a part after the other; what is said of HTML holds for each byte of it. */
static void print_parts(FILE *to, const char *text, escape_fn *escape,
			void (*print)(FILE *to, const char *text, size_t len))
{
	char part[CHUNK + 1], escaped[CHUNK * FORMAT_ESCAPE_FACTOR + FORMAT_SLACK];
	size_t rest = strlen(text), len;

	for (; rest; text += len, rest -= len) {
		len = rest <= CHUNK ? rest : cut(text);
		*format__mem(part, text, len) = '\0';
		print(to, escaped, escape(escaped, part) - escaped);
	}
}

static void print_plain(FILE *to, const char *text, size_t len)
{
	fwrite(text, 1, len, to);
}

static void print_entities(FILE *to, const char *text, size_t len)
{
	for (const char *end = text + len; text < end; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			putc(*text, to);
		}
	}
}

void print_escaped(FILE *to, const char *text)
{
	print_parts(to, text, format__escaped, print_plain);
}

/* Columns count characters, not bytes: UTF-8's continuation bytes take no place. */
void print_padded(FILE *to, const char *text, unsigned int width)
{
	char escaped[CHUNK * FORMAT_ESCAPE_FACTOR + FORMAT_SLACK];
	unsigned int used = width;

	print_escaped(to, text);
	if (strlen(text) < CHUNK) {
		used = 0;
		for (const char *p = escaped, *end = format__escaped(escaped, text); p < end; p++)
			used += (*p & 0xc0) != 0x80;
	}
	do
		putc(' ', to);
	while (++used < width);
}

void print_json_string(FILE *to, const char *text)
{
	putc('"', to);
	print_parts(to, text, format__json_escaped, print_plain);
	putc('"', to);
}

void print_html(FILE *to, const char *text)
{
	print_parts(to, text, format__escaped, print_entities);
}

const char *span_text(char *text, uint64_t ns)
{
	*format__span(text, ns) = '\0';
	return text;
}

const char *time_text(char *text, uint64_t ns)
{
	struct format_clock clock = {};

	*format__utc(text, &clock, ns) = '\0';
	return text;
}

const char *state_text(char *text, unsigned int state)
{
	if (!state)
		return "UNKNOWN";
	*format__state(text, state) = '\0';
	return text;
}

const char *address_text(char *text, const struct in6_addr *address, unsigned int family)
{
	*format__address(text, address, family) = '\0';
	return text;
}

const char *endpoint_text(char *text, const struct service_name *service)
{
	bool brackets = service->family == 6;
	char *p = text;

	if (brackets)
		*p++ = '[';
	p = format__address(p, &service->address, service->family);
	p = format__str(p, brackets ? "]:" : ":");
	*format__u64(p, service->port) = '\0';
	return text;
}

const char *bytes_text(char *text, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	double value = bytes / 1024.0;
	unsigned int unit = 0;

	if (bytes < 1024) {
		*format__u64(text, bytes) = '\0';
		return text;
	}
	/* What would be rounded up to 1024.0 is 1.0 of the next. */
	while (value >= 1023.95) {
		value /= 1024;
		unit++;
	}
	snprintf(text, PRINT_MAX, "%.1f%c", value, units[unit]);
	return text;
}

static const char *number_text(char *text, uint64_t number)
{
	*format__u64(text, number) = '\0';
	return text;
}

const char *group_value(char *text, const struct groups *groups, const struct group_name *name,
			enum group_key key)
{
	switch (key) {
	case GROUP_COMM:
		return name->owned ? name->comm : "-";
	case GROUP_PID:
		return name->owned ? number_text(text, name->pid) : "-";
	case GROUP_LPORT:
		return number_text(text, name->lport);
	case GROUP_RPORT:
		return number_text(text, name->rport);
	case GROUP_RADDR:
		return address_text(text, &name->raddr, name->family);
	case GROUP_NETNS:
		return number_text(text, name->netns);
	case GROUP_CGROUP:
		return groups__cgroup(groups, name) ?: "-";
	case GROUP_KEYS:
		break;
	}
	return "-";
}
