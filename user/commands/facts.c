// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "facts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void check_kernel(struct report *report, const struct requirements *needs)
{
	if (needs->kernel_suffices) {
		report__line(report, VERDICT_OK, "kernel", "%s", needs->system.release);
	} else {
		report__line(report, VERDICT_MISSING, "kernel", "%s", needs->system.release);
		report__hint("Linux %d.%d or later is needed.", KERNEL_MAJOR, KERNEL_MINOR);
	}
	if (!needs->btf) {
		report__line(report, VERDICT_OK, "BTF", VMLINUX_BTF);
	} else {
		report__line(report, VERDICT_MISSING, "BTF", "%s", strerror(-needs->btf));
		report__hint("There must be " VMLINUX_BTF ": take a kernel that was built with");
		report__hint("CONFIG_DEBUG_INFO_BTF=y, as those of all large distributions are.");
	}
}

/* The first line of a small file. Returns 0 or a negative errno. */
static int read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	int err = 0;

	if (!file)
		return -errno;
	if (!fgets(line, size, file))
		err = -EIO;
	fclose(file);
	return err;
}

static void check_jit(struct report *report)
{
	const char *path = "/proc/sys/net/core/bpf_jit_enable";
	char line[16] = "";
	int err = read_line(path, line, sizeof(line));

	if (err) {
		report__line(report, VERDICT_UNKNOWN, "BPF JIT", "%s", strerror(-err));
		report__hint(err == -ENOENT ? "%s is only in the first network namespace."
					    : "Only root may read %s.",
			     path);
	} else if (*line == '0') {
		report__line(report, VERDICT_DEGRADED, "BPF JIT", "off");
		report__hint("Programs are interpreted, which makes tracing much costlier.");
		report__hint("Do: sysctl net.core.bpf_jit_enable=1");
	} else {
		report__line(report, VERDICT_OK, "BPF JIT", "on");
	}
}

/* Nothing is said where there is no lockdown: it is in few kernels' way. */
static void check_lockdown(struct report *report)
{
	char line[64] = "";

	if (read_line("/sys/kernel/security/lockdown", line, sizeof(line)))
		return;
	if (strstr(line, "[confidentiality]")) {
		/* LOCKDOWN_BPF_READ_KERNEL in bpf_tracing_func_proto() */
		report__line(report, VERDICT_DEGRADED, "lockdown", "confidentiality");
		report__hint("The kernel refuses programs that copy its memory; if the probes are");
		report__hint(
			"refused, this is why. Do: boot with lockdown=integrity or without it");
	} else {
		report__line(report, VERDICT_OK, "lockdown", "%s",
			     strstr(line, "[integrity]") ? "integrity" : "none");
	}
}

static void check_needed(struct report *report, const char *name, bool granted)
{
	report__line(report, granted ? VERDICT_OK : VERDICT_MISSING, name, granted ? "yes" : "no");
	if (!granted)
		report__hint("Do: run it as root, or grant it: see PRIVILEGES in tcpflux(8)");
}

/* The probes tell if that hurts. */
static void check_optional(struct report *report, const char *name, bool granted)
{
	report__line(report, VERDICT_OK, name, granted ? "yes" : "no, needed only without fentry");
}

static void check_capabilities(struct report *report, const struct requirements *needs)
{
	check_needed(report, "CAP_BPF", needs->cap_bpf);
	check_needed(report, "CAP_PERFMON", needs->cap_perfmon);
	check_optional(report, "CAP_SYSLOG", needs->cap_syslog);
	check_optional(report, "CAP_NET_ADMIN", needs->cap_net_admin);
}

static void check_namespaces(struct report *report, const struct requirements *needs)
{
	if (needs->in_user_namespace) {
		report__line(report, VERDICT_MISSING, "user namespace", "not the first one");
		report__hint("Its capabilities don't count for BPF. Do: run it outside, as root");
	}
	if (needs->in_pid_namespace) {
		/* bpf_iter_init_seq_pidns() */
		report__line(report, VERDICT_DEGRADED, "pid namespace", "not the first one");
		report__hint(
			"The sockets that processes outside of it have open when tracing starts "
			"have no");
		report__hint("owner until they are used. Do: run it outside");
	}
}

static bool can_trace(const struct requirements *needs)
{
	return needs->kernel_suffices && !needs->btf && needs->cap_bpf && needs->cap_perfmon &&
	       !needs->in_user_namespace;
}

static void check_ring(struct report *report)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "check", 0, 0, FACTS_BUFFER, NULL);

	if (fd >= 0) {
		report__line(report, VERDICT_OK, "ring buffer", "%uM", FACTS_BUFFER >> 20);
		close(fd);
		return;
	}
	report__line(report, VERDICT_FAILED, "ring buffer", "%uM: %s", FACTS_BUFFER >> 20,
		     strerror(errno));
	report__hint("Do: free memory, or trace with less of it (-b)");
}

bool facts__report(struct report *report, const struct requirements *needs)
{
	check_kernel(report, needs);
	check_jit(report);
	check_lockdown(report);
	check_capabilities(report, needs);
	check_namespaces(report, needs);
	if (!can_trace(needs))
		return false;
	check_ring(report);
	return true;
}
