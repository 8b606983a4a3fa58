package io.berth.cli;

import io.berth.app.LogOut;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Source: udocker 1.3, `logout`.
final class LogoutVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("logout", "Remove the stored password of a registry");
        spec.addOption(Model.flag("remove all", "-a", "--all"));
        spec.addOption(Model.value("URL", "the registry (default: Docker Hub)", "--registry"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        LogOut logOut = session.toolbox().logOut();
        if (Model.has(parsed, "--all")) {
            session.notice(logOut.logOutOfAll() ? "all passwords are removed" : "there was no password");
        } else {
            session.notice("logged out of " + logOut.logOut());
        }
        return ExitCode.DONE;
    }
}
