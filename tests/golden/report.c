// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "report.h"

#include <stdlib.h>

#include "views/report.h"

/* A sink that keeps to itself what it is told, until the summary. */
struct report_sink {
	struct sink sink;
	struct analysis analysis;
	struct report report;
	report_view_fn *view;
};

static const struct analysis_options analysis_options = {
	.thresholds = {
		.close_wait_ns = 1000000,
		.fin_wait_ns = 1000000000,
		.slow_connect_ns = 1000000000,
		.time_wait = 2,
		.failed = 2,
		.half_open = 2,
		.brief = 1,
	},
	.by = { GROUP_COMM, GROUP_RPORT, GROUP_CGROUP },
	.by_count = 3,
};

static void on_start(struct sink *sink, const struct sink_start *start)
{
	struct report_sink *self = (struct report_sink *)sink;

	self->report.version = start->version;
	self->report.hostname = start->hostname;
	self->report.kernel = start->kernel;
}

static void on_transition(struct sink *sink, const struct transition *tr)
{
	struct report_sink *self = (struct report_sink *)sink;

	if (analysis__transition(&self->analysis, tr))
		abort();
}

static void on_loss(struct sink *sink, const struct loss *loss)
{
	struct report_sink *self = (struct report_sink *)sink;

	analysis__loss(&self->analysis, loss);
}

/* A report is about all that there is. */
static void on_summary(struct sink *sink, const struct sink_summary *summary)
{
	(void)sink;
	(void)summary;
}

void report_sink__print(struct sink *sink)
{
	struct report_sink *self = (struct report_sink *)sink;

	if (analysis__finish(&self->analysis) || report__conclude(&self->report))
		abort();
	self->view(stdout, &self->report);
	report__free(&self->report);
	analysis__free(&self->analysis);
}

static struct sink *new_sink(struct output *out, report_view_fn *view)
{
	static const struct sink_ops ops = {
		.start = on_start,
		.transition = on_transition,
		.loss = on_loss,
		.summary = on_summary,
	};
	struct report_sink *self = calloc(1, sizeof(*self));

	if (!self || analysis__init(&self->analysis, &analysis_options))
		abort();
	self->sink = (struct sink){ &ops, out };
	self->view = view;
	self->report = (struct report){
		.analysis = &self->analysis,
		.version = "1.2.3",
		.hostname = "host",
		.kernel = "6.12.0",
		.top = 5,
	};
	return &self->sink;
}

struct sink *text_report__new(struct output *out, const struct sink_options *options)
{
	struct sink *sink = new_sink(out, report_text);

	((struct report_sink *)sink)->report.utf8 = options->colour;
	return sink;
}

struct sink *json_report__new(struct output *out, const struct sink_options *options)
{
	(void)options;
	return new_sink(out, report_json);
}

struct sink *html_report__new(struct output *out, const struct sink_options *options)
{
	(void)options;
	return new_sink(out, report_html);
}
