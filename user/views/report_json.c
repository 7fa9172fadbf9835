// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For programs: JSON Lines, one object a line. */
#include <inttypes.h>

#include "print.h"
#include "report.h"

#define U64 "%" PRIu64

static void put_us(FILE *to, const char *name, uint64_t ns)
{
	fprintf(to, ",\"%s\":" U64 ".%03u", name, ns / 1000, (unsigned int)(ns % 1000));
}

/* Of no value, nothing is known but that there is none. */
static void put_percentiles(FILE *to, const struct histogram *histogram)
{
	fprintf(to, "\"count\":" U64, histogram->count);
	if (!histogram->count)
		return;
	put_us(to, "min_us", histogram->min);
	put_us(to, "p50_us", histogram__quantile(histogram, 500));
	put_us(to, "p90_us", histogram__quantile(histogram, 900));
	put_us(to, "p99_us", histogram__quantile(histogram, 990));
	put_us(to, "max_us", histogram->max);
}

static void put_capture(FILE *to, const struct report *report)
{
	const struct analysis *a = report->analysis;
	char time[PRINT_MAX];

	fputs("{\"type\":\"capture\",\"version\":", to);
	print_json_string(to, report->version);
	fputs(",\"hostname\":", to);
	print_json_string(to, report->hostname);
	fputs(",\"kernel\":", to);
	print_json_string(to, report->kernel);
	if (a->totals.transitions) {
		fprintf(to, ",\"first\":\"%s\"", time_text(time, a->first));
		fprintf(to, ",\"last\":\"%s\"", time_text(time, a->last));
	} else {
		fputs(",\"first\":null,\"last\":null", to);
	}
	put_us(to, "duration_us", a->last - a->first);
	fprintf(to, ",\"transitions\":" U64 ",\"lost\":" U64 "}\n", a->totals.transitions,
		a->totals.lost);
}

static void put_states(FILE *to, const struct totals *totals)
{
	fputs("{\"type\":\"states\",\"states\":{", to);
	for (unsigned int state = 1; state < STATE_COUNT; state++)
		fprintf(to, "%s\"%s\":{\"entered\":" U64 ",\"left\":" U64 "}", state > 1 ? "," : "",
			state__name(state), totals->entered[state], totals->left[state]);
	fputs("}}\n", to);
}

static void put_matrix(FILE *to, const struct analysis *a)
{
	char name[PRINT_MAX];
	unsigned int rows = 0;

	fputs("{\"type\":\"matrix\",\"transitions\":{", to);
	for (unsigned int old = 0; old < STATE_COUNT; old++) {
		unsigned int count = 0;

		for (unsigned int new = 0; new < STATE_COUNT; new ++) {
			if (!a->matrix[old][new])
				continue;
			if (!count++)
				fprintf(to, "%s\"%s\":{", rows++ ? "," : "", state_text(name, old));
			else
				putc(',', to);
			fprintf(to, "\"%s\":" U64, state_text(name, new), a->matrix[old][new]);
		}
		if (count)
			putc('}', to);
	}
	fputs("}}\n", to);
}

static void put_buckets(FILE *to, const struct churn *churn)
{
	char time[PRINT_MAX];

	put_us(to, "bucket_us", churn->width);
	fputs(",\"buckets\":[", to);
	for (uint32_t i = 0; i < churn->used; i++) {
		const uint64_t *count = churn->count[i];

		fprintf(to,
			"%s{\"time\":\"%s\",\"opened_active\":" U64 ",\"opened_passive\":" U64
			",\"closed\":" U64 ",\"failed\":" U64 "}",
			i ? "," : "", time_text(time, churn->start + i * churn->width),
			count[HAPPENED_ACTIVE], count[HAPPENED_PASSIVE], count[HAPPENED_CLOSED],
			count[HAPPENED_FAILED]);
	}
	putc(']', to);
}

static void put_churn(FILE *to, const struct analysis *a)
{
	const uint64_t *total = a->churn.total;
	struct closers closers;

	analysis__closers(a, &closers);
	fprintf(to,
		"{\"type\":\"churn\",\"opened\":" U64 ",\"opened_active\":" U64
		",\"opened_passive\":" U64 ",\"closed\":" U64 ",\"failed\":" U64 ",\"open\":" U64,
		total[HAPPENED_ACTIVE] + total[HAPPENED_PASSIVE], total[HAPPENED_ACTIVE],
		total[HAPPENED_PASSIVE], total[HAPPENED_CLOSED], total[HAPPENED_FAILED], a->open);
	fprintf(to, ",\"closed_first\":{\"here\":" U64 ",\"peer\":" U64 ",\"neither\":" U64 "}",
		closers.here, closers.peer, closers.neither);
	put_buckets(to, &a->churn);
	fputs("}\n", to);
}

static void put_times(FILE *to, const char *of, const struct histogram *histogram)
{
	fprintf(to, "{\"type\":\"percentiles\",\"of\":\"%s\",", of);
	put_percentiles(to, histogram);
	fputs("}\n", to);
}

static void put_all_times(FILE *to, const struct analysis *a)
{
	put_times(to, "connect", &a->connect);
	put_times(to, "handshake", &a->handshake);
	put_times(to, "life", &a->life);
	for (unsigned int state = 1; state < STATE_COUNT; state++) {
		if (!a->in_state[state].count)
			continue;
		fprintf(to, "{\"type\":\"percentiles\",\"of\":\"state\",\"state\":\"%s\",",
			state__name(state));
		put_percentiles(to, &a->in_state[state]);
		fputs("}\n", to);
	}
}

static void put_reasons(FILE *to, const char *name, const struct reasons *reasons)
{
	fprintf(to, ",\"%s\":{", name);
	for (unsigned int i = 0; reasons->kind[i].name; i++)
		fprintf(to, "%s\"%s\":" U64, i ? "," : "", reasons->kind[i].name,
			reasons->kind[i].count);
	putc('}', to);
}

static bool is_text(enum group_key key)
{
	return key == GROUP_COMM || key == GROUP_CGROUP || key == GROUP_RADDR;
}

static bool is_known(const struct groups *groups, const struct group_name *name, enum group_key key)
{
	if (key == GROUP_CGROUP)
		return groups__cgroup(groups, name);
	return name->owned || (key != GROUP_COMM && key != GROUP_PID);
}

static void put_key(FILE *to, const struct groups *groups, const struct group_name *name,
		    enum group_key key)
{
	char text[PRINT_MAX];

	if (!is_known(groups, name, key))
		fputs("null", to);
	else if (is_text(key))
		print_json_string(to, group_value(text, groups, name, key));
	else
		fputs(group_value(text, groups, name, key), to);
}

static void put_histogram(FILE *to, const char *name, const struct histogram *histogram)
{
	fprintf(to, ",\"%s\":{", name);
	put_percentiles(to, histogram);
	putc('}', to);
}

static void put_group(FILE *to, const struct report *report, uint32_t number)
{
	const struct groups *groups = &report->analysis->groups;
	const struct group_name *name = groups__name(groups, number);
	const struct group *group = &groups->list[number];

	fputs("{\"type\":\"group\",\"by\":{", to);
	for (unsigned int i = 0; i < groups->by_count; i++) {
		fprintf(to, "%s\"%s\":", i ? "," : "", group_key__name(groups->by[i]));
		put_key(to, groups, name, groups->by[i]);
	}
	fprintf(to,
		"},\"connections\":" U64 ",\"rate\":%.3f,\"active\":" U64 ",\"passive\":" U64
		",\"closed\":" U64 ",\"failed\":" U64 ",\"left\":" U64,
		group->connections, report__rate(report, group->connections), group->active,
		group->passive, group->closed, group->failed, group->left);
	put_reasons(to, "failures", &group->why_failed);
	put_reasons(to, "ends", &group->ended);
	fprintf(to,
		",\"bytes_sent\":" U64 ",\"bytes_received\":" U64 ",\"retransmits\":" U64
		",\"open_most\":%" PRIu32,
		group->bytes_sent, group->bytes_received, group->retransmits, group->open_most);
	put_histogram(to, "connect", &group->connect);
	put_histogram(to, "handshake", &group->handshake);
	put_histogram(to, "life", &group->life);
	fputs("}\n", to);
}

static void put_service(FILE *to, const struct finding *finding)
{
	const struct service_name *where = finding->where;
	const struct service *s = finding->service;
	char address[PRINT_MAX];

	fprintf(to,
		",\"role\":\"%s\",\"address\":\"%s\",\"port\":%u,\"netns\":%" PRIu32
		",\"tried\":" U64 ",\"opened\":" U64 ",\"failed\":" U64 ",\"no_port\":" U64,
		where->role == ROLE_ACTIVE ? "active" : "passive",
		address_text(address, &where->address, where->family), where->port, where->netns,
		s->tried, s->opened, s->failed, s->no_port);
	put_reasons(to, "failures", &s->why);
	put_us(to, "slowest_us", s->slowest);
	fprintf(to,
		",\"slow\":" U64 ",\"brief\":" U64 ",\"half_open_most\":%" PRIu32
		",\"overdue\":%" PRIu32 ",\"time_wait_most\":%" PRIu32,
		s->slow, s->brief, s->half_open_most, s->overdue, s->time_wait_most);
}

static void put_program(FILE *to, const struct finding *finding)
{
	fputs(",\"comm\":", to);
	if (*finding->comm)
		print_json_string(to, finding->comm);
	else
		fputs("null", to);
	put_us(to, "longest_us", finding->stuck->longest);
	fprintf(to, ",\"still\":" U64, finding->stuck->still);
}

static void put_finding(FILE *to, const struct finding *finding)
{
	char evidence[FINDING_EVIDENCE_MAX];

	fprintf(to, "{\"type\":\"finding\",\"finding\":\"%s\",\"count\":" U64,
		finding_kind__name(finding->kind), finding->count);
	if (finding->comm)
		put_program(to, finding);
	else
		put_service(to, finding);
	finding__evidence(finding, evidence, sizeof(evidence));
	fputs(",\"title\":", to);
	print_json_string(to, finding_kind__title(finding->kind));
	fputs(",\"evidence\":", to);
	print_json_string(to, evidence);
	fputs(",\"meaning\":", to);
	print_json_string(to, finding_kind__meaning(finding->kind));
	fputs("}\n", to);
}

void report_json(FILE *to, const struct report *report)
{
	put_capture(to, report);
	put_states(to, &report->analysis->totals);
	put_matrix(to, report->analysis);
	put_churn(to, report->analysis);
	put_all_times(to, report->analysis);
	for (size_t i = 0; i < report__groups(report); i++)
		put_group(to, report, report->groups[i]);
	for (size_t i = 0; i < report->findings.count; i++)
		put_finding(to, &report->findings.list[i]);
}
