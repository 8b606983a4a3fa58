package io.berth.cli;

import io.berth.app.ImportArchive;
import io.berth.fault.FaultException;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class ImportVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Model.command("import", "Make an image, or with --tocontainer a container, of a tar archive");
        spec.addOption(Model.flag("move the archive instead of copying it", "--mv"));
        spec.addOption(Model.flag("make a container at once; prints its id", "--tocontainer"));
        spec.addOption(Model.flag("make a container of what export --clone wrote; prints its id", "--clone"));
        spec.addOption(Model.value("NAME", "a name for the container", "--name"));
        spec.addOption(Model.value("OS/ARCH[/VARIANT]", "what the archive is for", "--platform"));
        spec.addPositional(Model.one("ARCHIVE", "a tar file, plain or packed with gzip or zstd; - for standard input"));
        spec.addPositional(Model.rest("1..*", "IMAGE", "NAME[:TAG]; needed unless a container is made"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        List<String> names = Model.positionals(parsed, 1);
        if (names.size() > 1) {
            throw FaultException.badInput(
                    "importing: '" + names.get(1) + "' is one word too many", "import ARCHIVE IMAGE");
        }
        Optional<ImageReference> image =
                names.stream().map(ImageReference::parse).findFirst();
        Platform platform =
                Model.text(parsed, "--platform").map(Platform::parse).orElseGet(Platform::host);
        if (MuchWork.ofArchive(Model.positional(parsed, 0), session)) {
            return ExitCode.DONE;
        }
        boolean clone = Model.has(parsed, "--clone");
        if (clone || Model.has(parsed, "--tocontainer")) {
            container(parsed, session, image, platform, clone);
        } else {
            image(parsed, session, image, platform);
        }
        return ExitCode.DONE;
    }

    private static void image(ParseResult parsed, Session session, Optional<ImageReference> image, Platform platform) {
        ImageReference name = image.orElseThrow(() -> FaultException.badInput(
                "importing " + Model.positional(parsed, 0) + ": the image has no name", "import ARCHIVE IMAGE"));
        Digest layer = session.toolbox()
                .importArchive(session.progress())
                .toImage(new ImportArchive.ImageRequest(
                        Archives.source(Model.positional(parsed, 0)), name, platform, Model.has(parsed, "--mv")));
        session.info("added layer " + layer);
    }

    private static void container(
            ParseResult parsed, Session session, Optional<ImageReference> image, Platform platform, boolean clone) {
        ImportArchive importing = session.toolbox().importArchive(session.progress());
        ImportArchive.ContainerRequest request = new ImportArchive.ContainerRequest(
                Archives.source(Model.positional(parsed, 0)), image, platform, Model.text(parsed, "--name"));
        ImportArchive.Report report = clone ? importing.toClone(request) : importing.toContainer(request);
        report.notices().forEach(session::notice);
        session.out().println(report.container().id());
    }
}
