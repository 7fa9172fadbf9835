// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "survey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../analysis/findings.h"
#include "../support/clock.h"
#include "../views/print.h"

/* Services that are told apart: memory is bounded, also where somebody scans the whole net. */
#define SERVICES_MOST 16384

/* To look for findings takes at most one part in so many of the time. */
#define LOOK_SHARE    100
#define LOOK_EVERY_NS (2 * NS_PER_S)

static int on_transition(void *ctx, struct transition *tr)
{
	struct survey *survey = ctx;
	struct transition_handler tail;
	int err;

	if (tr->new_state == TCP_LISTEN)
		tables__listens(&survey->tables, tr->lport);
	err = analysis__transition(&survey->analysis, tr);
	if (err || !survey->tail)
		return err;
	tail = tail__handler(survey->tail);
	return tail.transition(tail.ctx, tr);
}

static void on_loss(void *ctx, const struct loss *loss)
{
	struct survey *survey = ctx;

	analysis__loss(&survey->analysis, loss);
}

static int on_socket(void *ctx, const struct tcp_socket *socket)
{
	struct sieve *sieve = ctx;
	struct survey *survey = sieve->next->ctx;
	struct connection *found;
	int err;

	if (socket->state == TCP_LISTEN)
		tables__listens(&survey->tables, socket->lport);
	if (!filter__match_socket(&survey->options->filter, socket))
		return 0;
	err = analysis__socket(&survey->analysis, socket, clock_ns(CLOCK_REALTIME), &found);
	return err || !found ? err : tables__found(&survey->tables, found, socket);
}

/* Nothing has been told yet. */
static int begin(struct survey *survey)
{
	struct analysis_options analysis_options = {
		.thresholds = survey->options->thresholds,
		.services_most = SERVICES_MOST,
		.opened = tables__opened,
		.owned = tables__owned,
		.ended = tables__ended,
		.forgotten = tables__forgotten,
		.ctx = &survey->tables,
	};
	int err = sieve__init(&survey->sieve, &survey->options->filter);

	sieve__deliver_to(&survey->sieve, &survey->wanted);
	err = err ?: tables__init(&survey->tables);
	return err ?: analysis__init(&survey->analysis, &analysis_options);
}

static void end(struct survey *survey)
{
	analysis__free(&survey->analysis);
	tables__free(&survey->tables);
	sieve__free(&survey->sieve);
}

int survey__init(struct survey *survey, const struct top_options *options)
{
	survey->options = options;
	survey->wanted = (struct transition_handler){ on_transition, on_loss, survey };
	return begin(survey);
}

void survey__free(struct survey *survey)
{
	survey__unfollow(survey);
	end(survey);
	filter__free(&survey->typed);
}

struct feed_listener survey__listener(struct survey *survey)
{
	return (struct feed_listener){
		.handler = sieve__handler(&survey->sieve),
		.socket = on_socket,
	};
}

void survey__tick(struct survey *survey, uint64_t now)
{
	uint64_t ns = survey->ticked && now > survey->ticked ? now - survey->ticked : 0;

	if (!now || (survey->ticked && !ns))
		return;
	survey->ticked = now;
	tables__tick(&survey->tables, ns);
	history__add(&survey->history, &survey->tables.opened, ns);
}

/* In one line: what, of whom, and the numbers. */
static void write_notice(char *text, const struct finding *finding)
{
	char evidence[FINDING_EVIDENCE_MAX], subject[ROW_NAME_MAX + PRINT_MAX];
	int len;

	finding__evidence(finding, evidence, sizeof(evidence));
	if (!finding->where) {
		*format__escaped(subject, *finding->comm ? finding->comm : "-") = '\0';
	} else if (finding->where->role == ROLE_PASSIVE) {
		snprintf(subject, sizeof(subject), "port %u", finding->where->port);
	} else {
		endpoint_text(subject, finding->where);
	}
	len = snprintf(text, NOTICE_MAX, "%s: %s: %s", finding_kind__title(finding->kind), subject,
		       evidence);
	if (len >= NOTICE_MAX)
		text[NOTICE_MAX - 1] = '\0';
}

static int make_notices(const struct survey *survey, struct picture *picture)
{
	struct findings findings;
	int err = findings__make(&findings, &survey->analysis);

	picture->finding_count = err ? 0 : findings.count;
	picture->notice_count = 0;
	for (size_t i = 0; !err && i < findings.count && i < NOTICES_MAX; i++)
		write_notice(picture->notices[picture->notice_count++], &findings.list[i]);
	findings__free(&findings);
	return err;
}

int survey__look(struct survey *survey, uint64_t now, struct picture *picture)
{
	uint64_t begun = clock_ns(CLOCK_MONOTONIC), spent;
	int err;

	if (begun < survey->look_at)
		return 0;
	err = analysis__look(&survey->analysis, now) ?: make_notices(survey, picture);
	spent = clock_ns(CLOCK_MONOTONIC) - begun;
	survey->look_at = begun + LOOK_EVERY_NS + LOOK_SHARE * spent;
	return err;
}

/* Rates go on from where the numbers are now. */
static void begin_anew(struct survey *survey, const struct filter *filter)
{
	tables__begin_anew(&survey->tables, &survey->analysis, filter);
	history__begin_anew(&survey->history, &survey->tables.opened);
	survey->look_at = 0;
}

int survey__filter(struct survey *survey, const char *text, struct expression_error *error)
{
	struct filter filter = {};
	bool all = text[strspn(text, " ")] == '\0';
	int err = all ? 0 : filter__add(&filter, text, ABOUT_TRANSITIONS, error);

	if (err) {
		filter__free(&filter);
		return err;
	}
	filter__free(&survey->typed);
	survey->typed = filter;
	begin_anew(survey, all ? NULL : &survey->typed);
	return 0;
}

void survey__forget(struct survey *survey)
{
	analysis__forget_past(&survey->analysis);
	begin_anew(survey, survey->tables.filter);
}

int survey__begin_again(struct survey *survey)
{
	const struct filter *filter = survey->tables.filter;
	int err;

	end(survey);
	survey->sieve = (struct sieve){};
	survey->tables = (struct tables){};
	survey->analysis = (struct analysis){};
	err = begin(survey);
	survey->tables.filter = filter;
	survey->history = (struct history){};
	survey->ticked = survey->look_at = 0;
	return err;
}

/* What the row says, as options of the command line would. */
static int make_filter(struct filter *filter, enum table_by by, const struct row_key *key)
{
	char text[sizeof("dst []") + FORMAT_ADDRESS_MAX + FORMAT_SLACK], *end;
	struct range port = { key->number, key->number };
	struct ranges ports = { 1, &port };
	struct expression_error error;

	switch (by) {
	case BY_COMM:
		filter->comm = key->comm;
		break;
	case BY_LPORT:
		filter->lports = ports;
		break;
	case BY_RPORT:
		filter->rports = ports;
		break;
	case BY_NETNS:
		filter->netns = key->number;
		break;
	default:
		end = format__str(text, key->family == 6 ? "dst [" : "dst ");
		end = format__address(end, &key->address, key->family);
		*format__str(end, key->family == 6 ? "]" : "") = '\0';
		return filter__add(filter, text, ABOUT_TRANSITIONS, &error);
	}
	return filter__compile(filter);
}

int survey__follow(struct survey *survey, enum table_by by, const struct row_key *key)
{
	struct filter filter = {};
	int err = key->kind == ROW_NAMED ? make_filter(&filter, by, key) : -EINVAL;

	survey__unfollow(survey);
	survey->tail = err ? NULL : tail__new(&filter);
	if (survey->tail)
		return 0;
	filter__free(&filter);
	return err ?: -ENOMEM;
}

void survey__unfollow(struct survey *survey)
{
	tail__free(survey->tail);
	survey->tail = NULL;
}
