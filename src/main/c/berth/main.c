/* bin/berth: runs the Java side, and becomes the program when the answer is a launch plan. */
#include <stdlib.h>

#include "../common/check.h"
#include "../common/message.h"
#include "../common/plan.h"
#include "../common/run.h"
#include "../common/start.h"
#include "front.h"
#include "jvm.h"

static int plan_apply(const struct front *front, struct front_answer *answer)
{
	struct front_answer nothing;
	struct plan plan;
	char **after;
	int status;

	if (plan_parse(&plan, "the answer of Java", answer->text, answer->size) ||
	    check_holds(&plan))
		return message_print(RUN_FAILED);
	after = plan_words(&plan, PLAN_AFTER);
	if (!after)
		return start_plan(&plan, NULL, front->env);
	status = start_and_wait(&plan, front->env);
	front_run(front, after, 1, &nothing);
	return status;
}

int main(int count, char **argv, char **env)
{
	struct front_answer answer;
	char root[JVM_ROOT_ROOM];
	struct front front = { .root = root, .name = count ? argv[0] : "berth", .env = env };
	int status;

	if (jvm_root(root))
		return message_print(RUN_FAILED);
	status = front_run(&front, argv + (count ? 1 : 0), 0, &answer);
	if (status || !answer.size)
		return status;
	return plan_apply(&front, &answer);
}
