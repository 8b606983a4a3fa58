#include "hide.h"

#include <stdlib.h>
#include <string.h>

#include "../common/text.h"

#define HIDDEN "BERTH_FRONT_HIDDEN_"

/* What follows the option in this word or, when the option is the word before, all of it. */
static char *value_of(const char *option, const char *before, char *word)
{
	const char *rest = text_after(word, option);

	if (before && !strcmp(before, option))
		return word;
	return rest && *rest == '=' ? word + (rest - word) + 1 : NULL;
}

/* -pVALUE; without a value nothing is left to hide. */
static char *value_attached(char *word)
{
	return text_after(word, "-p") && word[2] ? word + 2 : NULL;
}

static char *secret_in(int is_login, const char *before, char *word)
{
	char *value = value_of("--httpproxy", before, word);

	if (value && !strchr(value, '@'))
		value = NULL;
	if (!value && is_login)
		value = value_of("--password", before, word);
	if (!value && is_login)
		value = value_of("-p", before, word);
	if (!value && is_login)
		value = value_attached(word);
	return value;
}

static char *setting_of(size_t index, const char *word)
{
	char number[TEXT_DECIMAL];
	char *setting = malloc(sizeof HIDDEN + sizeof number + strlen(word) + 1);

	if (!setting)
		return NULL;
	strcpy(setting, HIDDEN);
	strcat(setting, text_decimal(number, (long long)index));
	strcat(setting, "=");
	return strcat(setting, word);
}

char **hide_words(char **args)
{
	size_t count = 0, found = 0;
	int is_login = 0;
	char **settings;

	while (args[count])
		count++;
	settings = calloc(count + 1, sizeof *settings);
	for (size_t i = 0; settings && i < count; i++) {
		char *secret = secret_in(is_login, i ? args[i - 1] : NULL, args[i]);

		is_login |= !strcmp(args[i], "login");
		if (!secret)
			continue;
		settings[found] = setting_of(i, args[i]);
		if (!settings[found++])
			return NULL;
		memset(secret, '*', strlen(secret));
	}
	return settings;
}
