#include <string.h>

#include "berth/hide.h"
#include "check.h"

/* Hides the words, and says how many settings there are. */
static size_t hidden(char ***settings, char **args)
{
	size_t count = 0;

	*settings = hide_words(args);
	while (*settings && (*settings)[count])
		count++;
	return count;
}

static void passwords_of_login(void)
{
	char login[] = "login", one[] = "--password=s3cret", two[] = "-p";
	char three[] = "s3cret", user[] = "--username=me";
	char *args[] = { login, user, one, two, three, NULL };
	char **settings;

	check(hidden(&settings, args) == 2,
	      "two words of login hold a password");
	check(!strcmp(one, "--password=******"),
	      "the password after = is overwritten");
	check(!strcmp(three, "******"),
	      "the password in a word of its own is overwritten");
	check(!strcmp(user, "--username=me"),
	      "the user name stays");
	check(!strcmp(settings[0], "BERTH_FRONT_HIDDEN_2=--password=s3cret"),
	      "Java gets the first word");
	check(!strcmp(settings[1], "BERTH_FRONT_HIDDEN_4=s3cret"),
	      "Java gets the second word");
}

static void password_in_one_word(void)
{
	char login[] = "login", one[] = "-ps3cret", two[] = "-p=s3cret", user[] = "-ume";
	char *args[] = { login, one, two, user, NULL };
	char **settings;

	check(hidden(&settings, args) == 2 && !strcmp(one, "-p******") && !strcmp(two, "-p=******"),
	      "a password in the word of its option is overwritten");
	check(!strcmp(user, "-ume"),
	      "and a user name there stays");
	check(!strcmp(settings[0], "BERTH_FRONT_HIDDEN_1=-ps3cret"),
	      "Java gets the whole word");
}

static void users_of_proxies(void)
{
	char pull[] = "pull", one[] = "--httpproxy=socks5://me:pw@h";
	char two[] = "--httpproxy=http://h", three[] = "--httpproxy", four[] = "me:pw@h";
	char five[] = "--password=mine";
	char *args[] = { pull, one, two, three, four, five, NULL };
	char **settings;

	check(hidden(&settings, args) == 2,
	      "two proxies have a password");
	check(!strchr(one, '@') && !strchr(four, '@'),
	      "both are overwritten");
	check(!strcmp(two, "--httpproxy=http://h"),
	      "a proxy without a user stays");
	check(!strcmp(five, "--password=mine"),
	      "a password that is not login's stays");
}

static void nothing_to_hide(void)
{
	char login[] = "login", last[] = "--password";
	char *none[] = { NULL }, *args[] = { login, last, NULL };
	char **settings;

	check(hidden(&settings, none) == 0,
	      "nothing is hidden of nothing");
	check(hidden(&settings, args) == 0,
	      "an option without its value hides nothing");
}

int main(void)
{
	passwords_of_login();
	password_in_one_word();
	users_of_proxies();
	nothing_to_hide();
	return check_done();
}

/* What hide.c takes is for the life of the process. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
