package io.berth.cli;

import io.berth.app.CreateContainer;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.store.ImageStore;
import io.berth.store.StoredImage;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class CreateVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("create", "Make a container of an image that was pulled; prints its id");
        spec.addOption(Model.value("NAME", "a name for the container", "--name"));
        spec.addPositional(Model.one("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        ImageReference reference = ImageReference.parse(Model.positional(parsed, 0));
        ImageStore images = session.toolbox().repository().images();
        StoredImage image = images.find(reference)
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        "creating a container of " + reference + ": there is no such image here",
                        images.hintFor(reference, "berth pull " + reference)));
        if (MuchWork.ofImages(List.of(image), session)) {
            return ExitCode.DONE;
        }
        CreateContainer.Report report = session.toolbox()
                .createContainer(session.progress())
                .create(new CreateContainer.Request(image, Model.text(parsed, "--name")));
        report.notices().forEach(session::notice);
        session.out().println(report.container().id());
        return ExitCode.DONE;
    }
}
