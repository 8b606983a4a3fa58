/* What the administrator says in plugstack.conf, behind the plugin's path. */
#ifndef BERTH_SPANK_SITE_H
#define BERTH_SPANK_SITE_H

#include <limits.h>

struct site {
	char home[PATH_MAX];	 /* home=DIR: the distribution; else where the plugin itself lies, two folders up */
	char node_dir[PATH_MAX]; /* node_dir=DIR: where nodes keep what they stage (/tmp) */
	char prefix[24];	 /* prefix=WORD: what option names begin with (container) */
	int global_names;	 /* container_scope=job|global: whether what has a name outlives the job (job) */
	int batch;		 /* sbatch=steps|script: whether the script runs inside too (steps) */
	unsigned ports[2];	 /* ports=LOW-HIGH: on which srun listens (what the system chooses) */
	unsigned wait;		 /* wait=SECONDS: how long tasks wait for the one that prepares the node (1800) */
};

/* 0, or -1 with a fault. PLUGIN is the path of the plugin. */
int site_read(struct site *site, const char *plugin, int count, char **words);

/* HOME and PART in OUT; 0, or -1 with a fault when that is too long. */
int site_path(const struct site *site, const char *part, char out[PATH_MAX]);

#endif
