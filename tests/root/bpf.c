// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "bpf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool bpf__why_unavailable(char *reason, size_t size)
{
	/* r0 = 0; exit */
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_RAW_TP);
	int id, fd;

	libbpf_set_print(NULL);
	id = libbpf_find_vmlinux_btf_id("inet_sock_set_state", BPF_TRACE_RAW_TP);
	if (id < 0) {
		snprintf(reason, size, "no BTF of the running kernel: %s", strerror(-id));
		return true;
	}
	opts.attach_btf_id = id;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "probe", "GPL", nothing, 2, &opts);
	if (fd < 0) {
		snprintf(reason, size, "BPF tracing programs can't be loaded: %s", strerror(-fd));
		return true;
	}
	close(fd);
	return false;
}

size_t bpf__program_ids(uint32_t *ids, size_t max)
{
	uint32_t id = 0;
	size_t n = 0;

	while (n < max && !bpf_prog_get_next_id(id, &id))
		ids[n++] = id;
	return n;
}

static bool is_among(uint32_t id, const uint32_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* /proc/PID/fdinfo/FD of a program or a link has a line "prog_id:	N". */
static bool fdinfo_names(const char *pid, const char *fd, uint32_t id)
{
	char path[64], line[128];
	unsigned int found;
	bool is_it = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.10s/fdinfo/%.10s", pid, fd);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!is_it && fgets(line, sizeof(line), file))
		is_it = sscanf(line, "prog_id: %u", &found) == 1 && found == id;
	fclose(file);
	return is_it;
}

static bool process_holds(const char *pid, uint32_t id)
{
	char path[64];
	struct dirent *entry;
	bool holds = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.10s/fdinfo", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!holds && (entry = readdir(dir)))
		holds = isdigit(entry->d_name[0]) && fdinfo_names(pid, entry->d_name, id);
	closedir(dir);
	return holds;
}

static bool somebody_holds(uint32_t id)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool held = false;

	while (dir && !held && (entry = readdir(dir)))
		held = isdigit(entry->d_name[0]) && process_holds(entry->d_name, id);
	if (dir)
		closedir(dir);
	return held;
}

/* Gone in the meantime: not left behind. */
static bool still_there(uint32_t id, char *name, size_t size)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return false;
	bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	snprintf(name, size, "%s", info.name);
	return true;
}

size_t bpf__left_behind(const uint32_t *ids, size_t count, char *name, size_t size)
{
	uint32_t now[1024];
	size_t n = bpf__program_ids(now, 1024), left = 0;

	for (size_t i = 0; i < n; i++)
		if (!is_among(now[i], ids, count) && !somebody_holds(now[i]) &&
		    still_there(now[i], name, size))
			left++;
	return left;
}
