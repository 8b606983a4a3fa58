package io.berth.cli;

import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import java.util.List;
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
        spec.addPositional(Model.rest("0", "inspect IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        List<String> words = Model.positionals(parsed, 0);
        if (words.size() != 2 || !words.getFirst().equals("inspect")) {
            throw FaultException.badInput(
                    "reading the command line of 'manifest': it takes 'inspect' and one image",
                    "try: manifest inspect debian:12");
        }
        ImageReference reference = ImageReference.parse(words.getLast());
        session.out()
                .println(session.toolbox()
                        .showManifest()
                        .show(reference, Model.text(parsed, "--platform").map(Platform::parse)));
        return ExitCode.DONE;
    }
}
