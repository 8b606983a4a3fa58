#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../common/sys.h"
#include "../common/text.h"
#include "fake.h"

const char *const fake_names[FAKE_SETTINGS] = {
	[FAKE_BASE] = "FAKECHROOT_BASE=",
	[FAKE_EXCLUDE] = "FAKECHROOT_EXCLUDE_PATH=",
	[FAKE_PRELOAD] = "LD_PRELOAD=",
	[FAKE_LOCPATH] = "LOCPATH=",
	[FAKE_GCONV_PATH] = "GCONV_PATH=",
	[FAKE_MODE] = "BERTH_FAKE_MODE=",
	[FAKE_LOADER] = "BERTH_FAKE_LOADER=",
	[FAKE_ARGV0] = "BERTH_FAKE_ARGV0=",
	[FAKE_LIBRARIES] = "BERTH_FAKE_LIBRARIES=",
	[FAKE_DRIVERS] = "BERTH_FAKE_DRIVERS=",
	[FAKE_STATIC] = "BERTH_FAKE_STATIC=",
	[FAKE_PATCHELF] = "BERTH_FAKE_PATCHELF=",
};

int fake_read(struct fake *fake, char *const *env)
{
	static const enum fake_setting needed[] = { FAKE_BASE, FAKE_PRELOAD, FAKE_MODE, FAKE_LOADER,
						    FAKE_LIBRARIES };

	*fake = (struct fake){ .program = NULL };
	for (; *env; env++) {
		const char *program = text_after(*env, "BERTH_FAKE_PROGRAM=");

		if (program)
			fake->program = program;
		for (size_t i = 0; i < FAKE_SETTINGS; i++) {
			const char *value = text_after(*env, fake_names[i]);

			if (value && *value && !fake->value[i])
				fake->value[i] = value;
		}
	}
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!fake->value[needed[i]])
			return -1;
	return 0;
}

int fake_preloads(const struct fake *fake)
{
	const char *at = fake->value[FAKE_PRELOAD];
	char path[PATH_MAX];

	for (int i = 0; i < 2; i++) {
		size_t length = strcspn(at, ":");

		if (!length || length >= sizeof path)
			return 0;
		memcpy(path, at, length);
		path[length] = 0;
		if (sys_call(SYS_faccessat, AT_FDCWD, sys_pointer(path), R_OK, 0, 0))
			return 0;
		at += length + (at[length] == ':');
	}
	return 1;
}
