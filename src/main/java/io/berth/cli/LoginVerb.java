package io.berth.cli;

import io.berth.app.LogIn;
import io.berth.fault.FaultException;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Source: udocker 1.3, `login`.
final class LoginVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("login", "Store a user name and a password for a registry");
        spec.addOption(Model.value("NAME", "the user name (asked for otherwise)", "--username", "-u"));
        spec.addOption(Model.value(
                "WORD", "the password; others on this machine may see it (asked for otherwise)", "--password", "-p"));
        spec.addOption(Model.flag("read the password from standard input", "--password-stdin"));
        spec.addOption(Model.value("URL", "the registry (default: Docker Hub)", "--registry"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        Terminal terminal = session.toolbox().terminal();
        String user = Model.text(parsed, "--username")
                .or(() -> terminal.ask("username: ", false))
                .orElseThrow(() -> missing("--username"));
        String password = password(parsed, session, terminal).orElseThrow(() -> missing("--password-stdin"));
        if (user.isEmpty() || user.indexOf(':') >= 0 || password.isEmpty()) {
            throw FaultException.badInput(
                    "logging in: " + (password.isEmpty() ? "the password is empty" : "'" + user + "' is no user name"),
                    password.isEmpty()
                            ? "give one, or let berth ask for it"
                            : "it must not be empty, nor have a colon");
        }
        if (!password.equals(password.toLowerCase(Locale.ROOT)) && password.equals(password.toUpperCase(Locale.ROOT))) {
            session.notice("the password is all upper case: is Caps Lock on?");
        }
        LogIn.Outcome outcome = session.toolbox().logIn().logIn(user, password);
        session.notice(
                outcome.doubt().isEmpty()
                        ? "logged in to " + outcome.registry() + " as " + user
                        : "warning: stored without being checked: " + outcome.doubt());
        return ExitCode.DONE;
    }

    private static Optional<String> password(ParseResult parsed, Session session, Terminal terminal) {
        if (Model.has(parsed, "--password-stdin")) {
            return Optional.of(terminal.input().replaceFirst("\\r?\\n$", ""));
        }
        if (Model.has(parsed, "--password")) {
            session.notice("warning: others may see a password on the command line; --password-stdin hides it");
        }
        return Model.text(parsed, "--password").or(() -> terminal.ask("password: ", true));
    }

    private static FaultException missing(String option) {
        return FaultException.badInput("logging in: there is no terminal to ask on", "say it with " + option);
    }
}
