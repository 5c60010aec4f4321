/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A load as of a compiler: programs that start programs, pipes between them, files. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* "forks DEPTH": two of itself at each level; the status counts the leaves. */
static int tree(const char *program, int depth)
{
	int status, leaves = 0;
	char text[16];

	if (!depth)
		return 1;
	snprintf(text, sizeof(text), "%d", depth - 1);
	for (int i = 0; i < 2; i++) {
		if (!NEED(fork())) {
			execl(program, program, text, (char *)NULL);
			_exit(127);
		}
	}
	for (int i = 0; i < 2; i++) {
		NEED(wait(&status));
		if (!WIFEXITED(status) || WEXITSTATUS(status) > 64)
			return 127;
		leaves += WEXITSTATUS(status);
	}
	return leaves;
}

/* N bytes through a chain of processes, each of which adds 1 to each. */
static int chain(int length, int bytes)
{
	unsigned char c, want = 0;
	volatile int wrong = 0;
	int first[2], in, status;

	NEED(pipe(first));
	in = first[0];
	for (int i = 0; i < length; i++) {
		int next[2];

		NEED(pipe(next));
		if (!NEED(vfork())) {
			/* vfork lends the memory: only what a child may do. */
			dup2(in, 0);
			dup2(next[1], 1);
			close(first[1]);
			close(next[0]);
			execl("/proc/self/exe", "forks", "add", (char *)NULL);
			_exit(127);
		}
		close(in);
		close(next[1]);
		in = next[0];
	}
	if (!NEED(fork())) {
		for (int i = 0; i < bytes; i++)
			if (write(first[1], &(unsigned char){ (unsigned char)i }, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(first[1]);
	for (int i = 0; i < bytes; i++) {
		want = (unsigned char)(i + length);
		if (read(in, &c, 1) != 1 || c != want)
			wrong++;
	}
	close(in);
	while (wait(&status) > 0)
		wrong += status != 0;
	return wrong;
}

/* "forks sum FILE": what a compiler does with a source: it is mapped, and something made of it. */
static int sum(const char *path)
{
	struct stat st;
	unsigned int n = 0;
	int fd = NEED(open(path, O_RDONLY));
	const unsigned char *map;

	NEED(fstat(fd, &st));
	map = NEED((const unsigned char *)mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0));
	for (off_t i = 0; i < st.st_size; i++)
		n = n * 31 + map[i];
	printf("%u\n", n);
	return 0;
}

/* As make does: for each of its files writes it, has a program of its own read it and write another
 * through a pipe, renames and removes; returns how many came out wrong. */
static int build(int job, int files)
{
	int wrong = 0, status;

	for (int i = 0; i < files; i++) {
		char source[64], made[80], line[32] = "", *text;
		unsigned int want = 0, size = 1000u + 7919u * (unsigned int)(job * files + i) % 60000;
		int out[2], fd;

		snprintf(source, sizeof(source), "/tmp/forks-%d-%d", job, i);
		snprintf(made, sizeof(made), "%s.made", source);
		text = malloc(size);
		for (unsigned int k = 0; k < size; k++) {
			text[k] = (char)(k * (unsigned int)(job + 3) + (unsigned int)i);
			want = want * 31 + (unsigned char)text[k];
		}
		fd = NEED(open(made, O_WRONLY | O_CREAT | O_EXCL, 0600));
		wrong += write(fd, text, size) != (ssize_t)size;
		close(fd);
		free(text);
		NEED(rename(made, source));
		NEED(pipe(out));
		if (!NEED(fork())) {
			dup2(out[1], 1);
			close(out[0]);
			close(out[1]);
			execl("/proc/self/exe", "forks", "sum", source, (char *)NULL);
			_exit(127);
		}
		close(out[1]);
		for (size_t at = 0; at < sizeof(line) - 1;) {
			ssize_t n = read(out[0], line + at, sizeof(line) - 1 - at);

			if (n <= 0)
				break;
			at += (size_t)n;
		}
		close(out[0]);
		NEED(wait(&status));
		wrong += status != 0 || strtoul(line, NULL, 10) != want;
		NEED(unlink(source));
	}
	return wrong;
}

static int add(void)
{
	unsigned char buf[256];
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			buf[i]++;
		if (write(1, buf, (size_t)n) != n)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int n;

	if (argc > 1 && !strcmp(argv[1], "add"))
		return add();
	if (argc > 2 && !strcmp(argv[1], "sum"))
		return sum(argv[2]);
	if (argc > 1)
		return tree(argv[0], atoi(argv[1]));
	n = tree(argv[0], 6);
	check(n == 64, "forks-exec-tree", "%d leaves of 64", n);
	n = chain(12, 3000);
	check(!n, "forks-vfork-chain", "%d wrong", n);
	for (n = 0; n < 300; n++) {
		int status;

		if (!NEED(fork()))
			_exit(n & 63);
		NEED(wait(&status));
		if (WEXITSTATUS(status) != (n & 63))
			break;
	}
	check(n == 300, "forks-status", "the %dth is wrong", n);

	for (int job = 0; job < 8; job++)
		if (!NEED(fork()))
			_exit(build(job, 25) != 0);
	for (int job = n = 0; job < 8; job++) {
		int status;

		NEED(wait(&status));
		n += status != 0;
	}
	check(!n, "forks-build", "%d of 8 jobs found something else than they wrote", n);
	return check_failed;
}
