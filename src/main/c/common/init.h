/* The program's parent inside an engine: starts it, hands signals on, ends what it leaves. */
#ifndef BERTH_INIT_H
#define BERTH_INIT_H

/* What the init tells its supervisor through the control socket. */
#define INIT_READY 'r'
#define INIT_FAILED 'f'

/* WORDS: CONTROL-FD NAMES -- COMMAND...; returns the exit status. */
int init_main(char **words, char **env);

/* Starts COMMAND with CONTROL as the supervisor's end; returns its exit status, or 128+n. */
int init_run(int control, char **command, char **env);

/* Takes the variables of the comma list NAMES ("-" for none) out of ENV. */
void init_forget(char **env, const char *names);

#endif
