package io.berth.cli;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.image.json.JsonText;
import io.berth.store.Container;
import io.berth.store.Repository;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class InspectVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("inspect", "Show the configuration of a container or an image");
        spec.addOption(Model.flag("only the path of the container's tree", "-p"));
        spec.addOption(Model.flag("as JSON, which it is anyway", "--json"));
        spec.addPositional(Model.one("CONTAINER|IMAGE", "a container's id or name, or an image"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        String word = Model.positional(parsed, 0);
        Repository repository = session.toolbox().existingRepository();
        Optional<Container> container = repository.containers().find(word);
        if (Model.has(parsed, "-p")) {
            String root = container
                    .map(found -> found.root().toAbsolutePath().toString())
                    .orElseThrow(() ->
                            noSuch(word, "container", repository.containers().hintFor(word)));
            session.out().println(Model.has(parsed, "--json") ? JsonText.of(root) : root);
            return ExitCode.DONE;
        }
        String json = container.map(Container::configJson).orElseGet(() -> image(word, repository));
        try {
            session.out().println(JsonText.sorted(json));
            return ExitCode.DONE;
        } catch (IOException e) {
            throw FaultException.of(
                    Fault.CORRUPT,
                    "inspecting " + word + ": its configuration is not JSON",
                    "pull the image again, and make the container anew",
                    e);
        }
    }

    private static String image(String word, Repository repository) {
        ImageReference image;
        try {
            image = ImageReference.parse(word);
        } catch (FaultException e) {
            throw noSuch(word, "container or image", repository.hintFor(word));
        }
        return repository
                .images()
                .find(image)
                .orElseThrow(() -> noSuch(word, "container or image", repository.hintFor(word)))
                .configJson();
    }

    private static FaultException noSuch(String word, String what, String hint) {
        return FaultException.of(Fault.NOT_FOUND, "inspecting " + word + ": there is no such " + what, hint);
    }
}
