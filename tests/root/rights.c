// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "rights.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

static void set_capabilities(uint64_t caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	__u32 low = caps, high = caps >> 32;
	struct __user_cap_data_struct data[] = { { low, low, low }, { high, high, high } };

	must(!syscall(SYS_capset, &header, data));
}

void rights__become(uid_t uid)
{
	must(!setgroups(0, NULL));
	must(!syscall(SYS_setresgid, uid, uid, uid) && !syscall(SYS_setresuid, uid, uid, uid));
}

void rights__keep(uid_t uid, uint64_t caps)
{
	must(!prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP));
	for (int cap = 0; cap < 64; cap++)
		if (!(caps & RIGHT(cap)))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* not all of them exist */
	rights__become(uid);
	set_capabilities(caps);
	for (int cap = 0; cap < 64; cap++)
		if (caps & RIGHT(cap))
			must(!prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0));
}

void rights__refuse(unsigned int number)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	must(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

uint64_t rights__of(pid_t pid, const char *name)
{
	char path[64], line[256];
	size_t len = strlen(name);
	char *value = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	must(file);
	while (!value && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, len) && line[len] == ':')
			value = line + len + 1;
	fclose(file);
	must(value);
	return strtoull(value, NULL, 16);
}

bool rights__can_execute(uid_t uid, const char *path)
{
	pid_t pid = fork();
	int status;

	must(pid >= 0);
	if (!pid) {
		suite__in_child();
		rights__become(uid);
		_exit(faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0);
	}
	must(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
