package io.berth.cli;

import io.berth.app.VerifyRepository;
import io.berth.app.VerifyRepository.Finding;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.image.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class VerifyVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("verify", "Compare an image, or the whole repository, with its digests");
        spec.addOption(Model.flag("all images and containers", "--all"));
        spec.addOption(Model.flag("print what was found as JSON", "--json"));
        spec.addPositional(Model.optional("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        String word = Model.positional(parsed, 0);
        boolean all = Model.has(parsed, "--all");
        if (all != word.isEmpty()) {
            throw FaultException.badInput(
                    "reading the command line of 'verify': " + (all ? "--all and an image" : "no image is named"),
                    "name one image, or say --all");
        }
        if (all ? MuchWork.ofUnknownSize(session) : MuchWork.ofImage(ImageReference.parse(word), session)) {
            return ExitCode.DONE;
        }
        VerifyRepository verify = session.toolbox().verifyRepository(session.progress());
        List<Finding> images = all ? verify.images() : List.of(verify.image(ImageReference.parse(word)));
        List<Finding> containers = all ? verify.containers() : List.of();
        if (Model.has(parsed, "--json")) {
            Map<String, Object> found = new LinkedHashMap<>();
            found.put("images", images.stream().map(VerifyVerb::json).toList());
            found.put("containers", containers.stream().map(VerifyVerb::json).toList());
            session.out().println(JsonText.of(found));
        } else {
            images.forEach(image -> print(image, "image", all, session));
            containers.forEach(container -> print(container, "container", all, session));
        }
        List<Finding> findings = new ArrayList<>(images);
        findings.addAll(containers);
        return findings.stream().allMatch(Finding::isGood) ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static void print(Finding finding, String what, boolean named, Session session) {
        finding.good().forEach(blob -> session.info("layer ok: " + blob));
        finding.problems().forEach(session::problem);
        if (finding.isGood()) {
            session.info(what + (named ? " " + finding.name() : "") + " Ok");
        }
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", finding.name());
        json.put("ok", finding.isGood());
        json.put("layers", finding.good());
        json.put("problems", finding.problems());
        return json;
    }
}
