// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "requirements.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../support/message.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

/* Since 5.12 a tracing program may ask for a socket's storage and its cookie. */
#define KERNEL_MAJOR 5
#define KERNEL_MINOR 12

static int check_kernel(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname kernel;

	uname(&kernel);
	sscanf(kernel.release, "%u.%u", &major, &minor);
	if (major < KERNEL_MAJOR || (major == KERNEL_MAJOR && minor < KERNEL_MINOR)) {
		message("Linux %s is too old: BTF and Linux %d.%d or later are needed",
			kernel.release, KERNEL_MAJOR, KERNEL_MINOR);
		return -ENOTSUP;
	}
	if (access(VMLINUX_BTF, R_OK)) {
		message("Linux %s has no BTF (%s: %s): BTF and Linux %d.%d or later are needed",
			kernel.release, VMLINUX_BTF, strerror(errno), KERNEL_MAJOR, KERNEL_MINOR);
		return -ENOTSUP;
	}
	return 0;
}

static bool has(cap_t caps, cap_value_t cap)
{
	cap_flag_value_t value = CAP_CLEAR;

	cap_get_flag(caps, cap, CAP_EFFECTIVE, &value);
	return value == CAP_SET;
}

/* CAP_SYS_ADMIN stands for the other two (capable_bpf() and perfmon_capable()). */
static int check_capabilities(void)
{
	cap_t caps = cap_get_proc();
	bool bpf, perfmon;

	if (!caps)
		return 0; /* the kernel will tell */
	bpf = has(caps, CAP_BPF) || has(caps, CAP_SYS_ADMIN);
	perfmon = has(caps, CAP_PERFMON) || has(caps, CAP_SYS_ADMIN);
	cap_free(caps);
	if (bpf && perfmon)
		return 0;
	message("not permitted: %s%s%s missing; run it as root", bpf ? "" : "CAP_BPF",
		bpf || perfmon ? "" : " and ", perfmon ? "" : "CAP_PERFMON");
	return -EPERM;
}

int requirements__check(void)
{
	return check_kernel() ?: check_capabilities();
}
