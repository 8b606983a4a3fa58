/* Passwords on the command line. */
#ifndef BERTH_HIDE_H
#define BERTH_HIDE_H

/*
 * Overwrites passwords in ARGS, so that ps shows them neither here nor of Java, which gets the words as
 * settings `BERTH_FRONT_HIDDEN_<index>=<word>`. Returns these, ended by NULL; NULL when out of memory.
 */
char **hide_words(char **args);

#endif
