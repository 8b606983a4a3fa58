package io.berth.cli;

import io.berth.app.PrepareNode;
import io.berth.app.SweepNode;
import io.berth.engine.FactsJson;
import io.berth.engine.ModeRequest;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.stage.TreeName;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `node prepare|release|probe`: what job scripts do on each node.
final class NodeVerb implements Verb {
    @Override
    public CommandSpec spec() {
        return Model.command("node", "Prepare this node for a job, or release it");
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        throw new IllegalStateException("node leads to its commands");
    }

    @Override
    public List<Verb> verbs() {
        return List.of(new Prepare(), new Pin(), new Release(), new Prefetch(), new Sweep(), new Probe());
    }

    private static int count(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw FaultException.badInput("reading --ranks: '" + text + "' is not a number", "give it a number");
        }
        return Integer.parseInt(text);
    }

    private static final class Prepare implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command(
                    "prepare", "Stage the image, choose the mode, write the plan; once per node and step");
            RunOptions.addTo(spec);
            spec.addOption(Model.value("NAME", "name of the step (default: run)", "--step"));
            spec.addOption(Model.flag("print the mode, why, and the plan, when it is made now", "--explain"));
            spec.addOption(Model.flag("let the step change the image's files, in a copy of its own", "--writable"));
            spec.addOption(Model.value(
                    "NAME[:RULE]",
                    "keep the copy for the job's next steps; RULE is auto, create or no_exec",
                    "--tree"));
            spec.addOption(Model.flag("do not let the step change the files of a named copy", "--readonly"));
            spec.addOption(
                    Model.value("KIND", "how ranks are going to be started, auto to choose by the image", "--mpi"));
            spec.addOption(Model.value("N", "how many ranks there are going to be", "--ranks"));
            spec.addPositional(Model.optional("IMAGE", "NAME@DIGEST"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            PrepareNode.TreeWish tree = tree(parsed);
            PrepareNode.Request request = new PrepareNode.Request(
                    session.toolbox().nodeContext(),
                    session.toolbox()
                            .mpiStep(
                                    Model.text(parsed, "--mpi"),
                                    Model.text(parsed, "--ranks").map(NodeVerb::count)),
                    Model.text(parsed, "--step").orElse("run"),
                    tree,
                    RunOptions.read(parsed, List.of()),
                    ModeRequest.parse(RunOptions.mode(parsed)));
            PrepareNode prepare = session.toolbox().prepareNode(RunOptions.engine(parsed));
            if (!prepare.hasFiles(request) && MuchWork.ofUnknownSize(session)) {
                return ExitCode.DONE;
            }
            PrepareNode.Prepared prepared = prepare.prepare(request);
            prepared.warning().ifPresent(session::problem);
            session.notice("prepared " + prepared.step().plan());
            if (Model.has(parsed, "--explain")) {
                prepared.explanation().ifPresent(session.out()::print);
            }
            return ExitCode.DONE;
        }

        private static PrepareNode.TreeWish tree(ParseResult parsed) {
            Optional<TreeName> name = Model.text(parsed, "--tree").map(TreeName::parse);
            String image = Model.positional(parsed, 0);
            if (name.isEmpty() && image.isEmpty()) {
                throw FaultException.badInput("preparing a node: no image is named", "name it as NAME@sha256:...");
            }
            boolean writable = Model.has(parsed, "--writable") || name.isPresent();
            return new PrepareNode.TreeWish(
                    image.isEmpty() ? Optional.empty() : Optional.of(ImageReference.parse(image)),
                    writable && !Model.has(parsed, "--readonly"),
                    name);
        }
    }

    private static final class Pin implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("pin", "Print an image's name with the digest that its tag means now");
            spec.addPositional(Model.one("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            session.out().println(session.toolbox().pinImage().pin(ImageReference.parse(Model.positional(parsed, 0))));
            return ExitCode.DONE;
        }
    }

    private static final class Release implements Verb {
        @Override
        public CommandSpec spec() {
            return Model.command("release", "Forget what this job has on the node; the image stays for the next job");
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            session.toolbox().releaseNode().release(session.toolbox().nodeContext());
            return ExitCode.DONE;
        }
    }

    private static final class Prefetch implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec =
                    Model.command("prefetch", "Unpack an image on this node before a job needs it; for prologs");
            spec.addPositional(Model.one("IMAGE", "NAME@DIGEST"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            ImageReference image = ImageReference.parse(Model.positional(parsed, 0));
            if (MuchWork.ofUnknownSize(session)) {
                return ExitCode.DONE;
            }
            session.toolbox().prepareNode(Optional.empty()).prefetch(image);
            session.notice(image + " is on this node");
            return ExitCode.DONE;
        }
    }

    private static final class Sweep implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("sweep", "Forget what ended jobs of yours left on this node");
            spec.addOption(Model.flag("remove unpacked images that no job uses too", "--images"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            SweepNode.Swept swept = session.toolbox().sweepNode().sweep(Model.has(parsed, "--images"));
            swept.jobs().forEach(job -> session.notice("forgot job " + job));
            if (swept.images() > 0) {
                session.notice("removed " + swept.images() + (swept.images() == 1 ? " image" : " images"));
            }
            return ExitCode.DONE;
        }
    }

    private static final class Probe implements Verb {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Model.command("probe", "Show what this machine can do, as JSON");
            spec.addOption(Model.flag("as JSON, which is the only form", "--json"));
            return spec;
        }

        @Override
        public int run(ParseResult parsed, Session session) {
            session.out().print(FactsJson.text(session.toolbox().hostFacts()));
            return ExitCode.DONE;
        }
    }
}
