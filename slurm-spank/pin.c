#include "pin.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "common/rank.h"
#include "stage.h"

struct pin {
	char path[PATH_MAX]; /* empty when there is no place to keep it */
	char text[2 * IMAGE_ROOM]; /* user, name and digest, in three lines */
};

int pin_is_needed(const struct image *image)
{
	return *image->name && !image_is_path(image->name) && (*image->user || !image_is_pinned(image->name));
}

/* What sbatch or salloc found out for the same name, or NULL. */
static const char *pinned_before(char *const *env, const char *image)
{
	const char *known = env_value(env, RANK_PINNED);
	size_t length = strlen(image);

	return known && !strncmp(known, image, length) && known[length] == ' ' ? known + length + 1 : NULL;
}

static void pin_place(struct pin *pin, const struct site *site, char *const *env, const struct image *image)
{
	char job[PATH_MAX];
	uint64_t hash = stage_hash_settings(stage_hash(stage_hash(STAGE_HASH_BEGIN, image->user), image->name), env);
	int length;

	*pin->path = 0;
	if (stage_job(job, site, env, getuid()) || !stage_is_own(site, env, getuid()))
		return;
	length = snprintf(pin->path, sizeof pin->path, "%s/.pins/%016llx", job, (unsigned long long)hash);
	if ((size_t)length >= sizeof pin->path - 16)
		*pin->path = 0;
}

/* 0 when what is kept is of this name and young. */
static int pin_read(const struct pin *pin, struct image *image)
{
	char text[sizeof pin->text], before[sizeof pin->text];
	int fd = *pin->path ? open(pin->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	size_t asked = (size_t)snprintf(before, sizeof before, "%s\n%s\n", image->user, image->name);
	struct stat entry;
	ssize_t size = -1;

	if (fd >= 0 && !fstat(fd, &entry) && time(NULL) - entry.st_mtime < PIN_SECONDS && time(NULL) >= entry.st_mtime)
		size = read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (size <= 0)
		return -1;
	text[size] = 0;
	if (strncmp(text, before, asked) || !image_is_pinned(text + asked) || strlen(text + asked) >= IMAGE_ROOM)
		return -1;
	strcpy(image->name, text + asked);
	return 0;
}

/* No harm when that fails: the next step asks again. */
static void pin_write(const struct pin *pin)
{
	char draft[PATH_MAX + 32], *slash;
	int fd;

	snprintf(draft, sizeof draft, "%s", pin->path);
	slash = strrchr(draft, '/');
	if (!slash)
		return;
	*slash = 0;
	if (mkdir(draft, 0700) && access(draft, W_OK))
		return;
	snprintf(draft, sizeof draft, "%s.%ld", pin->path, (long)getpid());
	fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, pin->text, strlen(pin->text)) != (ssize_t)strlen(pin->text) || rename(draft, pin->path))
		unlink(draft);
	close(fd);
}

/* 0 with the digest in the place of the name, or -1. */
static int pin_ask(const struct site *site, char *const *env, struct image *image, void (*say)(const char *line))
{
	static struct child_output out, err;
	char berth[PATH_MAX], login[sizeof image->user + 16];
	char *argv[] = { berth, "--quiet", "node", "pin", login, image->name, NULL };
	int status;

	if (site_path(site, "bin/berth", berth)) {
		say("berth: looking the image up: the path of berth is too long");
		return -1;
	}
	snprintf(login, sizeof login, "--login=%s", image->user);
	if (!*image->user) {
		argv[4] = image->name;
		argv[5] = NULL;
	}
	status = child_run(argv, env, &out, &err);
	out.text[strcspn(out.text, "\n")] = 0;
	if (!status && strlen(out.text) < IMAGE_ROOM && image_is_pinned(out.text)) {
		strcpy(image->name, out.text);
		return 0;
	}
	lines_say(*err.text ? err.text : "berth: looking the image up: no answer", say);
	return -1;
}

int pin_image(const struct site *site, char *const *env, struct image *image, void (*say)(const char *line))
{
	const char *known = pinned_before(env, image->name);
	static struct pin pin;
	int asked;

	if (known) {
		snprintf(image->name, sizeof image->name, "%s", known);
		return 0;
	}
	pin_place(&pin, site, env, image);
	if (!pin_read(&pin, image))
		return 0;
	asked = snprintf(pin.text, sizeof pin.text, "%s\n%s\n", image->user, image->name);
	if (pin_ask(site, env, image, say))
		return -1;
	if (*pin.path && (size_t)snprintf(pin.text + asked, sizeof pin.text - (size_t)asked, "%s", image->name) <
				 sizeof pin.text - (size_t)asked)
		pin_write(&pin);
	return 0;
}
