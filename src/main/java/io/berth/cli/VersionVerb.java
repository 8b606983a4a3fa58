package io.berth.cli;

import io.berth.config.Key;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Three lines, as udocker's users read them.
final class VersionVerb implements Verb {
    @Override
    public CommandSpec spec() {
        return Model.command("version", "Print the version");
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        Toolbox toolbox = session.toolbox();
        session.out().println("version: " + toolbox.version());
        session.out().println("tarball: " + toolbox.settings().text(Key.TARBALL));
        session.out().println("tarball_release: " + toolbox.settings().text(Key.TARBALL_RELEASE));
        return ExitCode.DONE;
    }

    @Override
    public boolean isHarmless() {
        return true;
    }
}
