/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sinks for what a report says of the stream. */
#ifndef TESTS_GOLDEN_REPORT_H
#define TESTS_GOLDEN_REPORT_H

#include "sinks/sink.h"

/* With colours: a terminal that has UTF-8. */
sink_new_fn text_report__new, json_report__new, html_report__new;

/* Prints it, once, at the end. */
void report_sink__print(struct sink *sink);

#endif
