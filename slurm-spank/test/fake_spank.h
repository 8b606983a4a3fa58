/* Slurm as the plugin sees it, played: one context, one step, one environment at a time. */
#ifndef BERTH_FAKE_SPANK_H
#define BERTH_FAKE_SPANK_H

#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/spank.h>

static struct {
	spank_context_t context;
	uint32_t step, node, tasks, nodes, rank;
	uid_t uid;
	int status; /* of the task that has ended */
	int argc;
	char *argv[8];
	char *env[32]; /* each malloc'd */
	const struct spank_option *option[64];
	int options;
	char log[4096]; /* a file: tasks are processes of their own */
} fake;

static void fake_write(const char *kind, const char *format, va_list args)
{
	char line[2048];
	int length = snprintf(line, sizeof line, "%s", kind), fd;

	length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, args);
	strcat(line, "\n");
	fd = open(fake.log, O_WRONLY | O_APPEND | O_CREAT, 0600);
	if (write(fd, line, strlen(line)) < 0)
		perror("log");
	close(fd);
}

void slurm_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fake_write("error: ", format, args);
	va_end(args);
}

void slurm_spank_log(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fake_write("", format, args);
	va_end(args);
}

spank_context_t spank_context(void)
{
	return fake.context;
}

spank_err_t spank_option_register(spank_t spank, struct spank_option *option)
{
	(void)spank;
	fake.option[fake.options++] = option;
	return ESPANK_SUCCESS;
}

spank_err_t spank_get_item(spank_t spank, spank_item_t item, ...)
{
	spank_err_t result = ESPANK_SUCCESS;
	va_list args;

	(void)spank;
	va_start(args, item);
	switch ((int)item) {
	case S_JOB_STEPID:
		*va_arg(args, uint32_t *) = fake.step;
		break;
	case S_JOB_ARGV:
		*va_arg(args, int *) = fake.argc;
		*va_arg(args, char ***) = fake.argv;
		break;
	case S_JOB_ENV:
		*va_arg(args, char ***) = fake.env;
		break;
	case S_JOB_NODEID:
		*va_arg(args, uint32_t *) = fake.node;
		break;
	case S_JOB_LOCAL_TASK_COUNT:
		*va_arg(args, uint32_t *) = fake.tasks;
		break;
	case S_JOB_NNODES:
		*va_arg(args, uint32_t *) = fake.nodes;
		break;
	case S_TASK_GLOBAL_ID:
		*va_arg(args, uint32_t *) = fake.rank;
		break;
	case S_JOB_TOTAL_TASK_COUNT:
		*va_arg(args, uint32_t *) = fake.tasks;
		break;
	case S_JOB_UID:
		*va_arg(args, uid_t *) = fake.uid;
		break;
	case S_TASK_EXIT_STATUS:
		*va_arg(args, int *) = fake.status;
		break;
	default:
		result = ESPANK_BAD_ARG;
	}
	va_end(args);
	return result;
}

static int fake_find(const char *name)
{
	size_t length = strlen(name);
	int at = 0;

	while (fake.env[at] && (strncmp(fake.env[at], name, length) || fake.env[at][length] != '='))
		at++;
	return at;
}

spank_err_t spank_setenv(spank_t spank, const char *name, const char *value, int overwrite)
{
	int at = fake_find(name);

	(void)spank;
	(void)overwrite;
	free(fake.env[at]);
	return asprintf(&fake.env[at], "%s=%s", name, value) < 0 ? ESPANK_ERROR : ESPANK_SUCCESS;
}

static char fake_control[512];

spank_err_t spank_job_control_setenv(spank_t spank, const char *name, const char *value, int overwrite)
{
	(void)spank;
	(void)overwrite;
	snprintf(fake_control, sizeof fake_control, "SPANK_%s=%s", name, value);
	return ESPANK_SUCCESS;
}

spank_err_t spank_unsetenv(spank_t spank, const char *name)
{
	int at = fake_find(name);

	(void)spank;
	free(fake.env[at]);
	for (; fake.env[at]; at++)
		fake.env[at] = fake.env[at + 1];
	return ESPANK_SUCCESS;
}

static const char *fake_value(const char *name)
{
	const char *pair = fake.env[fake_find(name)];

	return pair ? strchr(pair, '=') + 1 : NULL;
}

#endif
