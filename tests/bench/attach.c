// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loads a BPF object and attaches its programs: what these alone cost. Ends on SIGINT or SIGTERM,
 * and takes them with it. The kernel's own figures about a running program (run_cnt, run_time_ns,
 * recursion_misses) are in /proc/PID/fdinfo.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, int error)
{
	fprintf(stderr, "attach: %s: %s\n", what, strerror(-error));
	return 1;
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_program *program = NULL;
	sigset_t set;
	int signal;

	if (argc != 2) {
		fprintf(stderr, "usage: attach OBJECT\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	object = bpf_object__open(argv[1]);
	if (!object || bpf_object__load(object))
		return fail(argv[1], -errno);
	while ((program = bpf_object__next_program(object, program)))
		if (!bpf_program__attach(program)) /* ends with the process */
			return fail(bpf_program__name(program), -errno);
	sigwait(&set, &signal);
	bpf_object__close(object);
	return 0;
}
