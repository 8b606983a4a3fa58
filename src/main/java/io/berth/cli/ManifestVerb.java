package io.berth.cli;

import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `manifest inspect NAME`: udocker wants the options before `inspect`, everyone else expects them after it; both hold.
final class ManifestVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("manifest", "Show the manifest or the index that a registry has for a name");
        RegistryFlags.addTo(spec);
        spec.addOption(
                Model.value("OS/ARCH[/VARIANT]", "choose the manifest for this platform from an index", "--platform"));
        spec.addPositional(Model.at(0, "inspect", "the only thing there is to do"));
        spec.addPositional(Model.at(1, "IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        if (!Model.positional(parsed, 0).equals("inspect")) {
            throw FaultException.badInput(
                    "reading the command line of 'manifest': it knows only 'inspect'",
                    "try: manifest inspect debian:12");
        }
        ImageReference reference = ImageReference.parse(Model.positional(parsed, 1));
        session.out()
                .println(session.toolbox()
                        .showManifest()
                        .show(reference, Model.text(parsed, "--platform").map(Platform::parse)));
        return ExitCode.DONE;
    }
}
