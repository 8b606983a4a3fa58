package io.berth.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class InstallVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("install", "Put this machine's engines into the repository; needs no network");
        spec.addOption(Model.flag("replace those that are there", "--force"));
        spec.addOption(Model.flag("first remove all engines, libraries and documents there", "--purge"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        session.toolbox()
                .installEngines()
                .install(Model.has(parsed, "--force"), Model.has(parsed, "--purge"))
                .forEach(name -> session.info("installed: " + name));
        return ExitCode.DONE;
    }
}
