#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "text.h"

#define HEAD "berth-plan "
#define FIRST_LINE HEAD "1\n"

static int plan_fault(const struct plan *plan, size_t line, const char *subject, const char *fault)
{
	char number[TEXT_DECIMAL];

	return message_keep("reading ", plan->name, ": line ",
			    text_decimal(number, (long long)line), ": ", subject, " ", fault, NULL);
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

const char *plan_word(char *at, const char *end)
{
	char *out = at;

	if (at == end)
		return "is empty: words are separated by single spaces";
	if (*at == '%' && at + 1 == end) {
		*at = 0;
		return NULL;
	}
	while (at < end) {
		if (*at < 0x21 || *at > 0x7e)
			return "holds a byte that has to be written %XX";
		if (*at != '%') {
			*out++ = *at++;
			continue;
		}
		if (end - at < 3 || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0)
			return "holds a % without two upper-case hexadecimal digits";
		*out = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
		if (!*out++)
			return "holds a NUL byte";
		at += 3;
	}
	*out = 0;
	return NULL;
}

static const struct plan_rule *rule_find(const char *at, size_t length)
{
	for (size_t i = 0; i < PLAN_DIRECTIVES; i++)
		if (strlen(plan_rules[i].name) == length && !memcmp(plan_rules[i].name, at, length))
			return &plan_rules[i];
	return NULL;
}

/* The words after the directive in [AT, END]; END is the newline. */
static const char *words_read(struct plan *plan, struct plan_line *line, char *at, char *end)
{
	while (at < end) {
		char *stop;
		const char *fault;

		at++;
		stop = memchr(at, ' ', (size_t)(end - at));
		if (!stop)
			stop = end;
		fault = plan_word(at, stop);
		if (fault)
			return fault;
		if (++plan->word_count > PLAN_MAX_WORDS)
			return "is one word too many";
		line->word[line->count++] = at;
		at = stop;
	}
	line->word[line->count] = NULL;
	return NULL;
}

static int line_read(struct plan *plan, size_t number, char *at, char *end)
{
	char *space = memchr(at, ' ', (size_t)(end - at));
	size_t length = (size_t)((space ? space : end) - at);
	const struct plan_rule *rule = rule_find(at, length);
	struct plan_line *line = &plan->lines[plan->count];
	const char *fault;

	if (!rule)
		return plan_fault(plan, number, "the directive", "is unknown");
	line->directive = (enum plan_directive)(rule - plan_rules);
	line->count = 0;
	/* One NULL after each line's words; `words` has room for both. */
	line->word = plan->words + plan->word_count + plan->count;
	fault = words_read(plan, line, at + length, end);
	if (!fault && (line->count < rule->fewest || line->count > rule->most))
		fault = "has a wrong number of words";
	if (!fault && rule->single && plan->first[line->directive])
		fault = "stands there twice";
	if (!fault && rule->fault)
		fault = rule->fault(line->word);
	if (!fault && (line->directive == PLAN_BIND || line->directive == PLAN_TMPFS) &&
	    ++plan->mounts > PLAN_MAX_MOUNTS)
		fault = "is one mount too many";
	if (fault)
		return plan_fault(plan, number, rule->name, fault);
	if (!plan->first[line->directive])
		plan->first[line->directive] = line;
	plan->count++;
	return 0;
}

/* All lines between the first and `end`. */
static int lines_read(struct plan *plan, char *at, char *stop)
{
	size_t number = 2;
	char *end;

	for (; (end = memchr(at, '\n', (size_t)(stop - at))); at = end + 1, number++) {
		if (end - at == 3 && !memcmp(at, "end", 3)) {
			if (end + 1 == stop)
				return 0;
			return plan_fault(plan, number, "something", "follows `end`");
		}
		if (at == end || *at == '#')
			continue;
		if (line_read(plan, number, at, end))
			return -1;
	}
	return message_keep("reading ", plan->name,
			    ": it is incomplete, its last line is not `end`", NULL);
}

/* Sets of directives. */
#define D(name) (1ULL << PLAN_##name)
#define STARTS (D(NAMESPACE) | D(ENGINE) | D(FAKE))
#define JOINS (D(JOIN) | D(JOIN_RANKS))

_Static_assert(PLAN_DIRECTIVES <= 64, "a set of directives is 64 bits");

/* What a plan that has one of WHO has to have, or else one of INSTEAD. */
static const struct {
	unsigned long long who;
	enum plan_directive needed;
	unsigned long long instead;
} needs[] = {
	{ STARTS, PLAN_UID, 0 },
	{ STARTS, PLAN_MODE, 0 },
	{ D(NAMESPACE), PLAN_IDENTITY, JOINS },
	{ D(NAMESPACE) | D(FAKE) | D(ENGINE_INSIDE), PLAN_WORKDIR, 0 },
	{ D(NAMESPACE), PLAN_ROOT, JOINS },
	{ D(BECOME), PLAN_SUBIDS, JOINS },
};

/* What a plan that has one of WHO must not have. */
static const struct {
	unsigned long long who;
	unsigned long long excluded;
} excludes[] = {
	/* who joins finds it as it is */
	{ JOINS, D(IDENTITY) | D(SHARE) | D(ROOT) | D(BIND) | D(TMPFS) | D(EMULATOR) | D(SUBIDS) },
	{ D(JOIN), D(JOIN_RANKS) },
	{ D(ENGINE_INSIDE), D(ENGINE_INIT) },
	/* what only our own launcher does */
	{ D(RUNTIME), JOINS | D(SHARE) | D(EMULATE) | D(EMULATOR) | D(SUBIDS) },
};

/* The name of the first directive of SET. */
static const char *first_name(unsigned long long set)
{
	return plan_rules[__builtin_ctzll(set)].name;
}

static int apart(const struct plan *plan, unsigned long long set, unsigned long long who)
{
	return message_keep("reading ", plan->name, ": `", first_name(set), "` does not go with `", first_name(who),
			    "`", NULL);
}

static int needs_check(const struct plan *plan, unsigned long long has)
{
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		unsigned long long instead = needs[i].instead;

		if (!(has & needs[i].who) || has & (1ULL << needs[i].needed | instead))
			continue;
		return message_keep("reading ", plan->name, ": it has no `", plan_rules[needs[i].needed].name,
				    instead ? "` or `" : "", instead ? first_name(instead) : "", "`, which `",
				    first_name(has & needs[i].who), "` needs", NULL);
	}
	return 0;
}

static int excludes_check(const struct plan *plan, unsigned long long has)
{
	unsigned long long others = 0;

	for (size_t i = 0; i < sizeof excludes / sizeof *excludes; i++)
		if (has & excludes[i].who && has & excludes[i].excluded)
			return apart(plan, has & excludes[i].excluded, has & excludes[i].who);
	for (size_t i = 0; i < PLAN_DIRECTIVES; i++)
		if (plan_rules[i].start && !(has & 1ULL << plan_rules[i].start))
			others |= 1ULL << i;
	return has & others ? apart(plan, has & others, has & STARTS) : 0;
}

/* Whether its lines go together. */
static int lines_check(const struct plan *plan)
{
	char **identity = plan_words(plan, PLAN_IDENTITY);
	unsigned long long has = 0, starts;

	for (size_t i = 0; i < PLAN_DIRECTIVES; i++)
		if (plan->first[i])
			has |= 1ULL << i;
	starts = has & STARTS;
	if (!starts || starts & (starts - 1))
		return message_keep("reading ", plan->name,
				    ": it has to have one of `namespace`, `engine` and `fake`", NULL);
	if (needs_check(plan, has) || excludes_check(plan, has))
		return -1;
	if (has & D(SUBIDS) && (strcmp(identity[0], "0") || strcmp(identity[1], "0")))
		return message_keep("reading ", plan->name, ": `subids` needs the identity 0 0", NULL);
	return 0;
}

int plan_parse(struct plan *plan, const char *name, char *text, size_t size)
{
	size_t spaces = 0, lines = 1;

	*plan = (struct plan){ .name = name, .text = text };
	text[size] = 0;
	if (size > PLAN_MAX_BYTES)
		return message_keep("reading ", name, ": it is larger than 1 MiB", NULL);
	if (size < sizeof FIRST_LINE - 1 || memcmp(text, FIRST_LINE, sizeof FIRST_LINE - 1)) {
		if (size >= sizeof HEAD - 1 && !memcmp(text, HEAD, sizeof HEAD - 1))
			return message_keep("reading ", name,
					    ": it is of another version, this is version 1", NULL);
		return message_keep("reading ", name, ": it is not a launch plan", NULL);
	}
	for (size_t i = 0; i < size; i++) {
		spaces += text[i] == ' ';
		lines += text[i] == '\n';
	}
	plan->words = calloc(spaces + lines + 1, sizeof *plan->words);
	plan->lines = calloc(lines, sizeof *plan->lines);
	if (!plan->words || !plan->lines)
		return message_keep("reading ", name, ": out of memory", NULL);
	if (lines_read(plan, text + sizeof FIRST_LINE - 1, text + size))
		return -1;
	return lines_check(plan);
}

const struct plan_line *plan_next(const struct plan *plan, enum plan_directive directive,
				  const struct plan_line *line)
{
	if (!line)
		return plan->first[directive];
	while (++line < plan->lines + plan->count)
		if (line->directive == directive)
			return line;
	return NULL;
}

char **plan_words(const struct plan *plan, enum plan_directive directive)
{
	return plan->first[directive] ? plan->first[directive]->word : NULL;
}

void plan_free(struct plan *plan)
{
	free(plan->text);
	free(plan->words);
	free(plan->lines);
	*plan = (struct plan){ .name = NULL };
}
