package io.berth.cli;

import io.berth.app.LongWork;
import io.berth.app.PullImage;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.store.StoredImage;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class PullVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("pull", "Fetch an image from its registry into the repository");
        spec.addOption(Model.value(
                "OS/ARCH[/VARIANT]", "take the image for this platform (default: this machine's)", "--platform"));
        spec.addOption(Model.flag("for job scripts: say once when it takes long, however quiet", "--in-job"));
        RegistryFlags.addTo(spec);
        spec.addPositional(Model.one("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        ImageReference reference = ImageReference.parse(Model.positional(parsed, 0));
        Platform platform =
                Model.text(parsed, "--platform").map(Platform::parse).orElseGet(Platform::host);
        PullImage.Request request = new PullImage.Request(reference, platform);
        StoredImage image = Model.has(parsed, "--in-job")
                ? pullInJob(request, session)
                : session.toolbox().pullImage(session.progress()).pull(request);
        session.notice(image.reference() + " is here, " + image.digest());
        return ExitCode.DONE;
    }

    private static StoredImage pullInJob(PullImage.Request request, Session session) {
        LongWork work = session.toolbox().longWork(session::problem);
        return work.watch(
                "fetching " + request.reference(),
                () -> session.toolbox().pullImage(work).pull(request));
    }
}
