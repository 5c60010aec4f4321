/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs in the guest: every program in the folders named, each with a time limit, and prints the
 * counts and the names of those that fail. Usage: run SECONDS FOLDER... */

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 64

struct job {
	pid_t pid;
	char *name;
};

static struct job jobs[JOBS_MAX];
static unsigned int passed, failed;

static void start(struct job *job, const char *folder, const char *name, unsigned int limit)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	job->name = strdup(path);
	job->pid = fork();
	if (job->pid < 0 || !job->name) {
		perror("run");
		exit(1);
	}
	if (!job->pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		alarm(limit);
		execl(path, path, (char *)NULL);
		_exit(127);
	}
}

static void finish(void)
{
	int status;
	pid_t pid = wait(&status);

	for (struct job *job = jobs; job < jobs + JOBS_MAX; job++) {
		if (!job->name || job->pid != pid)
			continue;
		if (WIFEXITED(status) && !WEXITSTATUS(status)) {
			passed++;
		} else {
			failed++;
			if (WIFSIGNALED(status))
				printf("FAIL %s: signal %d%s\n", job->name, WTERMSIG(status),
				       WTERMSIG(status) == SIGALRM ? " (time limit)" : "");
			else
				printf("FAIL %s: status %d\n", job->name, WEXITSTATUS(status));
			fflush(stdout);
		}
		free(job->name);
		job->name = NULL;
		return;
	}
}

static struct job *idle(struct job *end)
{
	for (struct job *job = jobs; job < end; job++)
		if (!job->name)
			return job;
	return NULL;
}

int main(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct job *end = jobs + (processors < 1 ? 1 :
				  processors > JOBS_MAX ? JOBS_MAX : processors);
	unsigned int limit = argc > 2 ? (unsigned int)strtoul(argv[1], NULL, 10) : 0;

	if (!limit) {
		fprintf(stderr, "usage: run SECONDS FOLDER...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		unsigned int passed_before = passed, failed_before = failed;
		DIR *folder = opendir(argv[i]);
		struct dirent *entry;
		struct job *job;

		if (!folder) {
			perror(argv[i]);
			return 2;
		}
		while ((entry = readdir(folder))) {
			if (entry->d_name[0] == '.')
				continue;
			while (!(job = idle(end)))
				finish();
			start(job, argv[i], entry->d_name, limit);
		}
		closedir(folder);
		for (job = jobs; job < end; job++)
			while (job->name)
				finish();
		printf("torture %s: %u passed, %u failed\n", argv[i], passed - passed_before,
		       failed - failed_before);
		fflush(stdout);
	}
	printf("torture: %u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
